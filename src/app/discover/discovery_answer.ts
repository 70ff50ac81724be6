/**
 * What a camera's answer to a discovery probe says. Anybody on the network may
 * answer anything, so everything is checked.
 *
 * Pure.
 *
 * @module
 */

import * as z from "zod";

/** A device that has answered. */
export interface DiscoveryAnswer {
  /** The device's own name for itself, the same after a change of address. */
  readonly endpoint: string;
  /** The address that the answer came from. */
  readonly address: string;
  /** Name as set at the device; null when it gives none. */
  readonly name: string | null;
  /** The maker's name of the model; null when it gives none. */
  readonly hardware: string | null;
  /** Where its ONVIF service is; null when it names none at its own address. */
  readonly service: string | null;
}

/** The text of an element, which the parser wraps when there are attributes. */
const text = z.union([z.string(), z.object({ _: z.string() }).transform(({ _ }) => _)]);

const ANSWER = z.object({
  probeMatches: z.object({
    probeMatch: z.object({
      endpointReference: z.object({ address: text }),
      scopes: text.optional().catch(undefined),
      XAddrs: text.optional().catch(undefined),
    }),
  }),
});

/** Longest part of an answer that is shown. */
const MAX_TEXT = 200;

/**
 * Reads an answer as `onvif` hands it over.
 *
 * Of the service's addresses the one at the sender's own address counts: an
 * answer can't send this machine, and a password, somewhere else.
 *
 * @returns Undefined for anything that is not a whole answer.
 */
export function readAnswer(data: unknown, sender: string): DiscoveryAnswer | undefined {
  const answer = ANSWER.safeParse(data);
  if (!answer.success) return undefined;
  const { endpointReference, scopes = "", XAddrs = "" } = answer.data.probeMatches.probeMatch;
  const services = words(XAddrs).filter((each) => hostOf(each) === sender);
  return {
    endpoint: printable(endpointReference.address),
    address: sender,
    name: scopeValue(scopes, "name"),
    hardware: scopeValue(scopes, "hardware"),
    // Cameras make their own certificates, so https adds nothing here but trouble.
    service: services.find((each) => each.startsWith("http:")) ?? services[0] ?? null,
  };
}

/** The value of "onvif://www.onvif.org/name/Yard%20Cam", among other scopes. */
function scopeValue(scopes: string, key: string): string | null {
  const start = `onvif://www.onvif.org/${key}/`;
  const scope = words(scopes).find((each) => each.toLowerCase().startsWith(start));
  const value = scope === undefined ? "" : printable(decoded(scope.slice(start.length)));
  return value === "" ? null : value;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** A device's text as it can be shown: nothing in it moves a terminal's cursor. */
export function printable(value: string): string {
  return value.replaceAll(/\p{Cc}/gu, " ").trim().slice(0, MAX_TEXT);
}

function words(value: string): string[] {
  return value.split(/\s+/).filter((word) => word !== "");
}

function hostOf(address: string): string | undefined {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) ? url.hostname : undefined;
}
