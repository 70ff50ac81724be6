/**
 * Keeps passwords out of everything that people or files get to see. Used where
 * a text is made (the source) and again where it is printed (the sink).
 *
 * @module
 */

/** Where an address begins. "test://1280x720@25" is a size and a rate, not one. */
const ADDRESS_START = /(?<![a-z0-9+.-])(?!test:)[a-z][a-z0-9+.-]*:\/\//i;

/** A parameter of a query: mark, name and value. */
const PARAMETER = /([?&])([^=&?#\s]+)=([^&\s"'#]+)/g;

/** Names of parameters that cameras use for credentials, such as "access_token" or "loginpass". */
const SECRET_NAME = /pass|pwd|token|secret|signature|(?:^|[_-]|api|access)(?:auth|key|sig)$/i;

/** Puts "***" in place of every password and token inside URLs of a text. Linear in its length. */
export function maskSecrets(text: string): string {
  return text
    .replaceAll(/\S+/g, maskCredentials)
    .replaceAll(
      PARAMETER,
      (whole, mark: string, name: string) => SECRET_NAME.test(name) ? `${mark}${name}=***` : whole,
    );
}

/**
 * Masks the password (or a whole "user:password") in front of a host, as in
 * `rtsp://user:secret@10.0.0.5/`. The last "@" of the word ends it, because people
 * type passwords with "@", "/" and quotes in them: rather too much is hidden than
 * too little.
 */
function maskCredentials(word: string): string {
  const end = word.lastIndexOf("@");
  const start = end < 0 ? null : ADDRESS_START.exec(word);
  if (start === null) return word;
  const from = start.index + start[0].length;
  if (from > end) return word;
  const colon = word.indexOf(":", from);
  const user = colon < 0 || colon > end ? "" : word.slice(from, colon + 1);
  return `${word.slice(0, from)}${user}***${word.slice(end)}`;
}
