import { describe, expect, it } from "vitest";
import { narrowDirectories } from "./allowed-directories.ts";
import { parseArguments } from "./cli/arguments.ts";
import { clusterConfig, taskManagerConfig, taskManagerFlags } from "./cluster-config.ts";
import { serverFlags } from "./config.ts";

const secret = { MILLRACE_CLUSTER_SECRET: "a secret of some length" };
const server = (line: string, environment: NodeJS.ProcessEnv = {}): ReturnType<typeof clusterConfig> =>
  clusterConfig(parseArguments(line.split(" ").filter(Boolean), serverFlags).flags, environment);
const taskManager = (line: string, environment: NodeJS.ProcessEnv = secret): ReturnType<typeof taskManagerConfig> =>
  taskManagerConfig(parseArguments(line.split(" ").filter(Boolean), taskManagerFlags).flags, environment);

describe("a server's cluster", () => {
  it("is threads of its own process unless told otherwise", () =>
    expect(server("")).toMatchObject({ provider: { kind: "threads" }, secret: null, timeout_ms: 10_000, heartbeat_ms: 1_000 }));
  it("is processes that it starts, with a secret that nobody needs to know", () =>
    expect(server("--provider processes --task-managers 3")).toMatchObject({
      provider: { kind: "processes", taskManagers: 3 },
      listen: { host: "127.0.0.1", port: 7_435 },
      secret: null,
    }));
  it("beats five times in a short time-out", () =>
    expect(server("--heartbeat-timeout 1000")).toMatchObject({ timeout_ms: 1_000, heartbeat_ms: 200 }));
  it.each([
    ["--provider standalone", {}, /MILLRACE_CLUSTER_SECRET/],
    ["--provider processes --cluster-host 10.0.0.1", {}, /reachable from other machines: set MILLRACE_CLUSTER_SECRET/],
    ["--provider processes --cluster-host 0.0.0.0", secret, /name one of this machine's/],
    ["--provider standalone", { MILLRACE_CLUSTER_SECRET: "short" }, /too short/],
    ["--provider yarn", {}, /threads, processes or standalone, not "yarn"/],
    ["--cluster-tls-cert x.pem", {}, /needs all of/],
    ["--heartbeat-timeout 10", {}, /from 500 to 600000/],
  ])("is refused: %s", (line, environment, message) => expect(() => server(line, environment)).toThrow(message));
});

describe("a TaskManager", () => {
  it("is reached on loopback when its server is", () =>
    expect(taskManager("--join [::1]:7435 --slots 3")).toMatchObject({
      join: { host: "::1", port: 7_435 },
      slots: 3,
      data: { host: "127.0.0.1", port: 0 },
    }));
  it.each([
    ["--join 10.0.0.1:7435", secret, /--data-host/],
    ["--join somewhere", secret, /HOST:PORT, not "somewhere"/],
    ["", secret, /--join takes HOST:PORT/],
    ["--join 127.0.0.1:7435", {}, /MILLRACE_CLUSTER_SECRET/],
    ["--join 127.0.0.1:7435 --slots 0", secret, /--slots takes a whole number from 1/],
  ])("is refused: %s", (line, environment, message) => expect(() => taskManager(line, environment)).toThrow(message));
});

describe("directories that connectors may use", () => {
  it.each([
    [[], [], []],
    [["/a"], [], ["/a"]],
    [[], ["/b"], ["/b"]],
    [
      ["/a", "/b"],
      ["/a/x", "/b", "/c"],
      ["/b", "/a/x"],
    ],
    [["/a"], ["/ab", "/b"], ["/dev/null/nowhere"]],
  ])("of the server %j, of the TaskManager %j: %j", (ofServer, ofTaskManager, both) =>
    expect(narrowDirectories(ofServer, ofTaskManager)).toEqual(both),
  );
});
