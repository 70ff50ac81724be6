/**
 * What kind of an IP address a text is: whether packets may be sent there because a
 * viewer says that he is there.
 *
 * Pure.
 *
 * @module
 */

/** "unicast": one machine on a network. "loopback": this machine. "none": nothing of the kind. */
export type AddressKind = "unicast" | "loopback" | "none";

export function addressKind(text: string): AddressKind {
  return text.includes(":") ? kindOfIpv6(text) : kindOfIpv4(text);
}

/** A number with a 0 in front is octal to some, and decimal to others. */
const IPV4 = /^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/;

function kindOfIpv4(text: string): AddressKind {
  if (!IPV4.test(text)) return "none";
  const parts = text.split(".").map(Number);
  return parts.some((part) => part > 255) ? "none" : kindByFirst(parts[0]!);
}

/** 0/8 is "this network" (RFC 1122, 3.2.1.3); from 224 on there are groups, and what is reserved. */
function kindByFirst(first: number): AddressKind {
  if (first === 127) return "loopback";
  return first === 0 || first >= 224 ? "none" : "unicast";
}

/** RFC 4291, 2.5 and 2.7. */
function kindOfIpv6(text: string): AddressKind {
  const groups = ipv6Groups(text);
  if (groups === undefined) return "none";
  const [first, last] = [groups[0]!, groups[7]!];
  if (first >= 0xff00) return "none";
  if (groups.slice(0, 5).some((group) => group !== 0)) return "unicast";
  // An address of IPv4 in that of IPv6.
  if (groups[5] === 0xffff) return kindByFirst(groups[6]! >> 8);
  // "::" is none at all; others with so many zeros are not in use any more.
  return groups[5] === 0 && groups[6] === 0 && last === 1 ? "loopback" : "none";
}

/** The eight numbers of 16 bits; undefined for what is no such address. */
function ipv6Groups(text: string): number[] | undefined {
  if (!/^[\da-f:.]+$/i.test(text)) return undefined;
  // It writes them in one way only, without dots.
  const plain = URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1);
  if (plain === undefined) return undefined;
  const [front = [], back = []] = plain.split("::")
    .map((half) => half === "" ? [] : half.split(":").map((group) => parseInt(group, 16)));
  const zeros = new Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...zeros, ...back];
}
