/**
 * Reads a child's output piece by piece into one piece of memory: a camera of
 * 4 Mbit/s would otherwise leave 100 MB of buffers a minute to be collected.
 *
 * @module
 */

/** A pipe holds so much (pipe(7)). */
const PIPE_BYTES = 64 * 1024;

/**
 * The stream's bytes in the order of their arrival. A chunk is good until the
 * next one is asked for. Leaving the loop cancels the stream.
 */
export async function* chunksOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader({ mode: "byob" });
  let memory = new Uint8Array(PIPE_BYTES);
  try {
    while (true) {
      const { value, done } = await reader.read(memory);
      if (done) return;
      yield value;
      memory = new Uint8Array(value.buffer);
    }
  } finally {
    await reader.cancel();
  }
}
