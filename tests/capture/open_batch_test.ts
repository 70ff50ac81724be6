import { rejects, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { joined } from "../../src/base/bytes.ts";
import { COLLECTED } from "../../src/base/shared_memory.ts";
import { unixMs } from "../../src/base/units.ts";
import { BatchFile } from "../../src/capture/batch_file.ts";
import { OpenBatch } from "../../src/capture/open_batch.ts";
import { OpenHours } from "../../src/capture/open_hours.ts";
import { box, latin1 } from "../../src/media/box_writer.ts";
import { childBoxes } from "../../src/media/boxes.ts";
import { parseLabel } from "../../src/media/recording_label.ts";
import { nothingOpen } from "../../src/model/open_hours.ts";
import { recordingPath } from "../../src/model/paths.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** An hour apart: the batch moves to another folder. */
const FIRST_MS = unixMs(Date.UTC(2026, 10, 21, 20, 59, 59));
const LEARNT_MS = unixMs(Date.UTC(2026, 10, 21, 21, 0, 1));

Deno.test("OpenBatch takes its time over once the disk lets it, when it did not at first", async () => {
  await using folder = await tempFolder();
  const root = folder.path;
  const label = {
    ...{ cameraId: "front", run: FIRST_MS, startingFrameId: 1, originMs: FIRST_MS },
    ...{ geoLocation: null, stillsEveryMs: null },
  };
  const initSegment = [box("ftyp", latin1("isom")), box("moov")];
  const path = recordingPath("front", FIRST_MS);
  const file = await BatchFile.create({ root, path }, { initSegment, label });
  const newest = () => ({ newestFrameId: 0, newestRun: FIRST_MS });
  const state = nothingOpen("front", newest());
  const hours = new OpenHours({ root, state, newest, isAllCommitted: () => true });
  const batch = new OpenBatch({ root, file, label, firstKeyPts: 0, hours });
  await batch.append(joined([box("moof"), box("mdat", latin1("pictures"))]), COLLECTED);
  const learnt = { originMs: LEARNT_MS, startMs: LEARNT_MS };
  const target = recordingPath("front", LEARNT_MS);
  // Something is in the way of the hour's folder.
  await Deno.writeTextFile(join(root, dirname(target)), "");
  await rejects(batch.settle(learnt));
  await Deno.remove(join(root, dirname(target)));
  await batch.settle(learnt);
  strictEqual(file.path, target);
  await file.finish();
  const boxes = childBoxes(await Deno.readFile(join(root, target)));
  const uuid = [...boxes].find(({ type }) => type === "uuid");
  strictEqual(uuid && parseLabel(uuid)?.originMs, LEARNT_MS);
});
