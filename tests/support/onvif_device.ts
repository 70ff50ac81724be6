/**
 * An ONVIF camera for tests, on the loopback interface alone: it answers the
 * discovery question at the real multicast address, and talks SOAP over HTTP.
 *
 * In:   its name, its login, and how it behaves.
 * Out:  what a camera with two streams says. WS-Security signatures are checked.
 * Not here: streams (rtsp_camera.ts), and all else that ONVIF has.
 *
 * @module
 */

import dgram from "node:dgram";
import type { DeviceLogin } from "../../src/app/discover/device_streams.ts";

/** Address and port of WS-Discovery (OASIS, section 2.4). */
const GROUP = "239.255.255.250";
const PORT = 3702;

export interface OnvifDeviceOptions {
  readonly name?: string;
  readonly login?: DeviceLogin;
  /**
   * "old": knows neither GetServices nor the newer media service. "babbling":
   * its talk is no SOAP. "mute": it takes requests and never answers.
   */
  readonly habit?: "normal" | "old" | "babbling" | "mute";
  /** Host that it claims its service has; by default its own. */
  readonly claimsHost?: string;
}

export interface OnvifDevice extends AsyncDisposable {
  /** Where its service is. */
  readonly service: string;
  /** Discovery questions heard so far. */
  readonly questions: number;
  /** Sends this to whoever asks next, before its own answer. */
  junk: string | undefined;
}

/** Starts a device; it can be found on interface "lo" when this resolves. */
export async function startOnvifDevice(options: OnvifDeviceOptions = {}): Promise<OnvifDevice> {
  const stop = new AbortController();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen: () => {} },
    (request) => talk(request, options, stop.signal),
  );
  const host = `127.0.0.1:${server.addr.port}`;
  const service = `http://${host}/onvif/device_service`;
  const claimed = service.replace("127.0.0.1", options.claimsHost ?? "127.0.0.1");
  const socket = dgram.createSocket({ type: "udp4", reuseAddr: true });
  const device = { service, questions: 0, junk: undefined as string | undefined };
  socket.on("message", (question, { address, port }) => {
    device.questions += 1;
    if (device.junk !== undefined) socket.send(device.junk, port, address);
    const relatesTo = /MessageID[^>]*>([^<]*)</.exec(String(question))?.[1] ?? "";
    socket.send(probeMatch({ relatesTo, claimed, host, name: options.name }), port, address);
  });
  await new Promise<void>((bound) => socket.bind(PORT, GROUP, bound));
  socket.addMembership(GROUP, "127.0.0.1");
  return Object.assign(device, {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
      await new Promise<void>((closed) => socket.close(closed));
    },
  });
}

function probeMatch(
  { relatesTo, claimed, host, name = "Yard" }: {
    readonly relatesTo: string;
    readonly claimed: string;
    readonly host: string;
    readonly name: string | undefined;
  },
): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
  xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery">
<s:Header><a:RelatesTo>${relatesTo}</a:RelatesTo></s:Header>
<s:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:${host}</a:Address></a:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types>
<d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/LB-1
 onvif://www.onvif.org/name/${encodeURIComponent(name)}</d:Scopes>
<d:XAddrs>${claimed}</d:XAddrs>
</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`;
}

async function talk(
  request: Request,
  options: OnvifDeviceOptions,
  stopped: AbortSignal,
): Promise<Response> {
  const body = await request.text();
  const { habit = "normal", login } = options;
  if (habit === "babbling") return new Response("<html><p>Welcome &nbsp; to your camera");
  if (habit === "mute") await new Promise((stop) => stopped.addEventListener("abort", stop));
  if (body.includes("GetSystemDateAndTime")) return soap(dateAndTime());
  if (login !== undefined && !await isSigned(body, login)) return fault("ter:NotAuthorized", 400);
  const host = new URL(request.url).host;
  if (body.includes("GetServices") && habit !== "old") return soap(services(host));
  if (body.includes("GetCapabilities")) return soap(capabilities(host));
  if (body.includes("GetProfiles")) return soap(PROFILES);
  const profile = /<ProfileToken>([^<]*)</.exec(body)?.[1];
  if (profile !== undefined) return soap(streamUri(profile));
  return fault("ter:ActionNotSupported", 500);
}

/** Checks the digest of WS-Security's user name token (OASIS UsernameToken Profile, section 3.1). */
async function isSigned(body: string, login: DeviceLogin): Promise<boolean> {
  const part = (name: string) => new RegExp(`<${name}(?: [^>]*)?>([^<]*)<`).exec(body)?.[1] ?? "";
  const bytes = [
    Uint8Array.fromBase64(part("Nonce")),
    new TextEncoder().encode(part("Created") + login.password),
  ];
  const digest = await crypto.subtle.digest("SHA-1", await new Blob(bytes).arrayBuffer());
  return part("Username") === login.user &&
    part("Password") === new Uint8Array(digest).toBase64();
}

function soap(content: string, status = 200): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
  xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error">
<s:Body>${content}</s:Body></s:Envelope>`;
  return new Response(text, { status, headers: { "content-type": "application/soap+xml" } });
}

function fault(code: string, status: number): Response {
  return soap(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>${code}</s:Value></s:Subcode>` +
      `</s:Code><s:Reason><s:Text xml:lang="en">${code}</s:Text></s:Reason></s:Fault>`,
    status,
  );
}

function dateAndTime(): string {
  const [date, time] = [
    "<tt:Year>2026</tt:Year><tt:Month>3</tt:Month><tt:Day>9</tt:Day>",
    "<tt:Hour>4</tt:Hour><tt:Minute>5</tt:Minute><tt:Second>6</tt:Second>",
  ];
  return "<GetSystemDateAndTimeResponse><SystemDateAndTime><tt:UTCDateTime>" +
    `<tt:Time>${time}</tt:Time><tt:Date>${date}</tt:Date>` +
    "</tt:UTCDateTime></SystemDateAndTime></GetSystemDateAndTimeResponse>";
}

function services(host: string): string {
  const service = (name: string) =>
    `<Service><Namespace>http://www.onvif.org/ver10/${name}/wsdl</Namespace>` +
    `<XAddr>http://${host}/onvif/${name}</XAddr></Service>`;
  return `<GetServicesResponse>${service("device")}${service("media")}</GetServicesResponse>`;
}

function capabilities(host: string): string {
  return "<GetCapabilitiesResponse><Capabilities><tt:Media>" +
    `<tt:XAddr>http://${host}/onvif/media</tt:XAddr>` +
    "</tt:Media></Capabilities></GetCapabilitiesResponse>";
}

function profile(token: string, size: readonly [number, number]): string {
  const [width, height] = size;
  return `<Profiles token="${token}" fixed="true"><tt:Name>${token} stream</tt:Name>` +
    '<tt:VideoEncoderConfiguration token="v"><tt:Encoding>H264</tt:Encoding>' +
    `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>` +
    "</tt:VideoEncoderConfiguration></Profiles>";
}

const PROFILES = "<GetProfilesResponse>" +
  `${profile("main", [1920, 1080])}${profile("sub", [640, 360])}</GetProfilesResponse>`;

function streamUri(token: string): string {
  return "<GetStreamUriResponse><MediaUri>" +
    `<tt:Uri>rtsp://127.0.0.1:554/${token}?channel=1&amp;proto=Onvif</tt:Uri>` +
    "<tt:Timeout>PT60S</tt:Timeout></MediaUri></GetStreamUriResponse>";
}
