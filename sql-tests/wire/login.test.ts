import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { connect } from "node:net";
import pg from "pg";
import { serialize } from "pg-protocol";
import { afterEach, describe, expect, it } from "vitest";
import { PortTakenError, startPgServer } from "../../server/pgwire/server.ts";
import { errorOf, RawClient, typesOf } from "./raw-client.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

let door: WireHarness | null = null;
afterEach(async () => {
  await door?.close();
  door = null;
});

const driver = (port: number, more: pg.ClientConfig = {}): pg.Client =>
  new pg.Client({ host: "127.0.0.1", port, user: "ann", database: "db", ...more });

const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "it succeeded",
    (error: unknown) => error,
  );

describe("login", () => {
  it("lets everyone in on loopback without a password, and tells the parameters", async () => {
    door = await openDoor();
    const raw = await RawClient.connect(door.port);
    raw.send(
      serialize.startup({
        user: "ann",
        database: "db",
        application_name: "t",
        options: "-c extra_float_digits=2 -c TimeZone=Europe/Paris",
      }),
    );
    const messages = await raw.until("Z");
    const parameters = Object.fromEntries(messages.filter(({ type }) => type === "S").map(({ body }) => body.toString().split("\0")));
    expect(parameters).toMatchObject({
      server_encoding: "UTF8",
      client_encoding: "UTF8",
      DateStyle: "ISO, MDY",
      integer_datetimes: "on",
      standard_conforming_strings: "on",
      TimeZone: "Europe/Paris",
      application_name: "t",
      session_authorization: "ann",
      IntervalStyle: "postgres",
      is_superuser: "on",
    });
    expect(parameters["server_version"]).toMatch(/^15\.\d+ \(Millrace/);
    raw.end();
  });

  it("asks for the password by SCRAM-SHA-256", async () => {
    door = await openDoor({ password: "sesame ⅷ" });
    const client = driver(door.port, { password: "sesame ⅷ" });
    await client.connect();
    expect((await client.query("SELECT 1 AS a")).rows).toEqual([{ a: 1 }]);
    expect(door.server.connections()).toBe(1);
    await client.end();
    expect(await failed(driver(door.port, { password: "wrong" }).connect())).toMatchObject({ code: "28P01", severity: "FATAL" });
  });

  it.each([
    ["a proof that is too short", "c=biws,r=NONCE,p=AAAA", "28P01"],
    ["another nonce", `c=biws,r=other,p=${"A".repeat(43)}=`, "08P01"],
    ["another channel binding", `c=eSws,r=NONCE,p=${"A".repeat(43)}=`, "08P01"],
    ["no proof", "c=biws,r=NONCE", "08P01"],
  ])("refuses %s", async (_, final, code) => {
    door = await openDoor({ password: "x" });
    const raw = await RawClient.connect(door.port);
    raw.send(serialize.startup({ user: "ann" }));
    await raw.until("R");
    raw.send(serialize.sendSASLInitialResponseMessage("SCRAM-SHA-256", "n,,n=,r=abc"));
    const [challenge] = await raw.until("R");
    const nonce = /r=([^,]+)/.exec(challenge?.body.toString() ?? "")?.[1] ?? "";
    raw.send(serialize.sendSCRAMClientFinalMessage(final.replace("NONCE", nonce)));
    expect(errorOf(await raw.until("E"))["C"]).toBe(code);
  });

  it("serves no statement before the login", async () => {
    door = await openDoor({ password: "x" });
    const raw = await RawClient.connect(door.port);
    raw.send(serialize.startup({ user: "ann" }), serialize.query("SELECT 1"));
    expect(typesOf(await raw.until("Z"))).toBe("RE");
  });

  it("refuses to listen beyond loopback without a password", async () => {
    door = await openDoor();
    const options = { executor: {} as never, store: door.store, world: {} as never, log: () => undefined, port: 0 };
    for (const host of ["0.0.0.0", "::", "192.0.2.1"])
      await expect(startPgServer({ ...options, host })).rejects.toThrow(/without a password/);
  });

  it("says that a port is taken", async () => {
    door = await openDoor();
    await expect(openDoor({ port: door.port })).rejects.toBeInstanceOf(PortTakenError);
  });

  it("answers requests for encryption that it does not offer", async () => {
    door = await openDoor();
    const raw = await RawClient.connect(door.port);
    raw.send(serialize.requestSsl());
    expect(await raw.byte()).toBe("N");
  });

  it("names the version it speaks to a newer client", async () => {
    door = await openDoor();
    const raw = await RawClient.connect(door.port);
    const startup = Buffer.from(serialize.startup({ user: "ann" }));
    startup.writeUInt16BE(2, 6);
    raw.send(startup);
    expect(typesOf(await raw.until("Z")).slice(0, 2)).toBe("vR");
    raw.end();
  });

  it("refuses one client too many and frees the place of one that left", async () => {
    door = await openDoor({ limits: { connections_max: 1 } });
    const first = driver(door.port);
    await first.connect();
    expect(await failed(driver(door.port).connect())).toMatchObject({ code: "53300" });
    await first.end();
    await expect.poll(() => door?.server.connections()).toBe(0);
    const next = driver(door.port);
    await next.connect();
    await next.end();
  });

  it("ends sessions when it closes", async () => {
    door = await openDoor();
    const raw = await RawClient.session(door.port);
    await door.server.close();
    expect(errorOf(await raw.until("E"))["C"]).toBe("57P01");
  });
});

describe("TLS", () => {
  const certificate = (): { cert: string; key: string } => {
    const directory = mkdtempSync(join(tmpdir(), "wire-tls-"));
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert];
    execFileSync("openssl", [...request, "-days", "2", "-subj", "/CN=localhost"], { stdio: "ignore" });
    const pair = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
    rmSync(directory, { recursive: true });
    return pair;
  };

  it("carries a session, and closes when bytes came before the handshake", async () => {
    const tls = certificate();
    door = await openDoor({ tls, password: "x" });
    const client = driver(door.port, { password: "x", ssl: { rejectUnauthorized: false } });
    await client.connect();
    expect((await client.query("SELECT repeat('x', 100000) AS a")).rows[0].a.length).toBe(100_000);
    await client.end();

    const raw = await RawClient.connect(door.port);
    raw.send(serialize.requestSsl(), serialize.startup({ user: "ann" }));
    expect(errorOf(await raw.until("Z"))).toMatchObject({ C: "08P01", M: "received unencrypted data after SSL request" });
  });

  it("refuses protocols before TLS 1.2", async () => {
    const tls = certificate();
    door = await openDoor({ tls });
    const { port } = door;
    const socket = connect(port, "127.0.0.1");
    socket.write(serialize.requestSsl());
    await new Promise((resolve) => socket.once("data", resolve));
    const secured = connectTls({
      socket,
      rejectUnauthorized: false,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const error = await new Promise<Error>((resolve) => secured.once("error", resolve));
    expect(error.message).toMatch(/protocol|version|alert/i);
  });
});
