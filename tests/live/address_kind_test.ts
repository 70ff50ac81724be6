import { strictEqual } from "node:assert/strict";
import { type AddressKind, addressKind } from "../../src/live/address_kind.ts";

const KINDS: Readonly<Record<AddressKind, readonly string[]>> = {
  unicast: [
    ...["192.168.1.20", "10.0.0.1", "223.255.255.255", "169.254.1.1", "::ffff:192.0.2.1"],
    ...["2001:db8::1", "fe80::1", "fd00:1:2:3:4:5:6:7", "2001:DB8::"],
  ],
  loopback: [
    ...["127.0.0.1", "127.255.0.3", "::1", "0:0:0:0:0:0:0:1"],
    ...["::ffff:127.0.0.1", "::ffff:7f00:1"],
  ],
  none: [
    ...["0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"],
    ...["::", "ff02::1", "ff0e::c", "::127.0.0.1", "::2", "::ffff:224.0.0.1", "::ffff:0.0.0.0"],
    ...["", "host.local", "1.2.3", "1.2.3.4.", "1.2.3.256", "0177.0.0.1", "1::2::3", "::1]@[::2"],
  ],
};

for (const [kind, addresses] of Object.entries(KINDS)) {
  Deno.test(`addressKind() knows what is ${kind}`, () => {
    for (const address of addresses) strictEqual(addressKind(address), kind, address);
  });
}
