import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { discoverCameras } from "../../../src/app/discover/discover.ts";
import { startOnvifDevice } from "../../support/onvif_device.ts";

/** Nothing leaves this machine: the question goes to the multicast address on the loopback. */
const LOOPBACK = { interfaces: ["lo"], timeoutMs: 400 };

const STREAMS = [
  {
    profile: "main stream",
    url: "rtsp://127.0.0.1:554/main?channel=1&proto=Onvif",
    format: "H264 1920x1080",
  },
  {
    profile: "sub stream",
    url: "rtsp://127.0.0.1:554/sub?channel=1&proto=Onvif",
    format: "H264 640x360",
  },
];

Deno.test("discoverCameras() lists address, name and streams of each camera that answers", async () => {
  await using front = await startOnvifDevice({ name: "Front door" });
  await using yard = await startOnvifDevice({ name: "Höfe/1" });
  const { cameras, problems } = await discoverCameras(LOOPBACK);
  deepStrictEqual(problems, []);
  const expected = [
    { name: "Front door", service: front.service },
    { name: "Höfe/1", service: yard.service },
  ].map(({ name, service }) => ({
    endpoint: `urn:uuid:${new URL(service).host}`,
    address: "127.0.0.1",
    name,
    hardware: "LB-1",
    service,
    streams: STREAMS,
    problem: null,
  }));
  deepStrictEqual(
    cameras.toSorted((left, right) => left.name!.localeCompare(right.name!)),
    expected,
  );
});

Deno.test("discoverCameras() asks twice, and lists a camera that answers twice once", async () => {
  await using device = await startOnvifDevice();
  const { cameras } = await discoverCameras({ ...LOOPBACK, timeoutMs: 1_300 });
  strictEqual(device.questions, 2);
  strictEqual(cameras.length, 1);
});

Deno.test("discoverCameras() reads the streams of a camera that wants a login, with it alone", async () => {
  const login = { user: "admin", password: "s3cr3t" };
  await using _device = await startOnvifDevice({ login });
  const cases = [
    { login: undefined, problem: "the device wants a user name and a password" },
    {
      login: { ...login, password: "wrong" },
      problem: "the device refuses the user name or password",
    },
    { login, problem: null },
  ];
  for (const { login, problem } of cases) {
    const { cameras: [camera] } = await discoverCameras({ ...LOOPBACK, login });
    strictEqual(camera?.problem, problem);
    deepStrictEqual(camera?.streams, problem === null ? STREAMS : []);
  }
});

Deno.test("discoverCameras() reads the streams of a camera from before GetServices", async () => {
  await using _device = await startOnvifDevice({ habit: "old" });
  const { cameras: [camera] } = await discoverCameras(LOOPBACK);
  deepStrictEqual(camera?.streams, STREAMS);
});

Deno.test("discoverCameras() lists a camera that talks nonsense, and says so", async () => {
  await using _device = await startOnvifDevice({ habit: "babbling" });
  const { cameras: [camera] } = await discoverCameras(LOOPBACK);
  match(camera?.problem ?? "", /^the device does not tell \(/);
});

Deno.test("discoverCameras() lists a camera that never answers, and gives it up", async () => {
  await using _device = await startOnvifDevice({ habit: "mute" });
  const { cameras: [camera] } = await discoverCameras(LOOPBACK);
  strictEqual(camera?.problem, "the device does not tell (no answer within 3 s)");
});

Deno.test("discoverCameras() is not sent to another machine by an answer", async () => {
  await using _device = await startOnvifDevice({ claimsHost: "192.0.2.99" });
  const { cameras: [camera] } = await discoverCameras(LOOPBACK);
  strictEqual(camera?.service, null);
  strictEqual(camera?.problem, "the device names no service at its own address");
});

const JUNK = [
  { name: "no XML", junk: "hello" },
  { name: "nothing", junk: "" },
  { name: "another message", junk: "<Envelope><Body><Hello/></Body></Envelope>" },
  {
    name: "an answer without content",
    junk: "<Envelope><Body><ProbeMatches><ProbeMatch/></ProbeMatches></Body></Envelope>",
  },
];

for (const { name, junk } of JUNK) {
  Deno.test(`discoverCameras() goes on when somebody sends ${name}`, async () => {
    await using device = await startOnvifDevice();
    device.junk = junk;
    const { cameras, problems } = await discoverCameras(LOOPBACK);
    strictEqual(cameras.length, 1);
    ok(problems.length <= 1);
  });
}

Deno.test("discoverCameras() finds nobody where nobody is, without a word", async () => {
  deepStrictEqual(await discoverCameras({ ...LOOPBACK, timeoutMs: 100 }), {
    cameras: [],
    problems: [],
  });
});

Deno.test("discoverCameras() says that there is no network", async () => {
  const { problems } = await discoverCameras({ ...LOOPBACK, interfaces: [] });
  deepStrictEqual(problems, ["this machine has no network with an IPv4 address"]);
});
