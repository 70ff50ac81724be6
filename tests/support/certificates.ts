/**
 * An authority, a server's certificate and a client's, made by openssl for one test.
 *
 * @module
 */

import { join } from "node:path";

export interface Certificates {
  readonly caPath: string;
  readonly serverCertPath: string;
  readonly serverKeyPath: string;
  readonly clientCertPath: string;
  readonly clientKeyPath: string;
}

const NEW_KEY = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeCertificates(folder: string): Promise<Certificates> {
  const at = (name: string) => join(folder, name);
  const days = ["-days", "2"];
  await openssl([
    ...[...NEW_KEY, "-x509", ...days, "-subj", "/CN=Test authority"],
    ...["-keyout", at("ca.key"), "-out", at("ca.pem")],
  ]);
  for (
    const [name, extension] of [
      ["server", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
      ["client", "extendedKeyUsage=clientAuth"],
    ] as const
  ) {
    const [key, request] = [at(`${name}.key`), at(`${name}.csr`)];
    await openssl([...NEW_KEY, "-subj", `/CN=${name}`, "-keyout", key, "-out", request]);
    await Deno.writeTextFile(at(`${name}.ext`), `basicConstraints=CA:FALSE\n${extension}\n`);
    await openssl([
      ...["x509", "-req", "-in", request, "-CA", at("ca.pem"), "-CAkey", at("ca.key")],
      ...["-CAcreateserial", ...days, "-extfile", at(`${name}.ext`), "-out", at(`${name}.pem`)],
    ]);
  }
  return {
    caPath: at("ca.pem"),
    serverCertPath: at("server.pem"),
    serverKeyPath: at("server.key"),
    clientCertPath: at("client.pem"),
    clientKeyPath: at("client.key"),
  };
}

async function openssl(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [...args],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
}
