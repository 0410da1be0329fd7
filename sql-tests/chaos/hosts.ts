import { execFileSync } from "node:child_process";
import type { Place } from "../cluster/cluster-harness.ts";

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** A machine of its own as far as the network goes: a network namespace, with one cable to the bridge that the first machine has. */
export interface Host extends Place {
  readonly address: string;
  /** Pulls its cable: nobody is told, packets are lost. */
  cut(): void;
  heal(): void;
  /** Lets it talk to the first machine only, or to its neighbours again. */
  isolate(isolated: boolean): void;
}

export interface Hosts {
  /** Of the first machine, which is this one. */
  readonly address: string;
  readonly others: readonly Host[];
  remove(): void;
}

/** Makes the machines; throws where network namespaces are not allowed. */
export function makeHosts(count: number): Hosts {
  const name = `mr${process.pid % 10_000}`;
  const subnet = `10.${77 + (process.pid % 100)}.${Math.floor(process.pid / 100) % 250}`;
  const address = `${subnet}.1`;
  const remove = (): void => {
    for (let i = 0; i < count; i++) quietly(() => ip("netns", "del", `${name}n${i}`));
    quietly(() => ip("link", "del", name));
  };
  try {
    ip("link", "add", name, "type", "bridge");
    ip("addr", "add", `${address}/24`, "dev", name);
    ip("link", "set", name, "up");
    return { address, others: Array.from({ length: count }, (_, i) => makeHost(name, subnet, i)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function makeHost(bridge: string, subnet: string, i: number): Host {
  const namespace = `${bridge}n${i}`;
  const cable = `${bridge}v${i}`;
  const address = `${subnet}.${i + 2}`;
  ip("netns", "add", namespace);
  ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace);
  ip("link", "set", cable, "master", bridge, "up");
  ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
  ip("-n", namespace, "link", "set", "eth0", "up");
  ip("-n", namespace, "link", "set", "lo", "up");
  return {
    address,
    serverHost: `${subnet}.1`,
    prefix: ["ip", "netns", "exec", namespace],
    cut: () => void ip("link", "set", cable, "down"),
    heal: () => void ip("link", "set", cable, "up"),
    isolate: (isolated) => void ip("link", "set", "dev", cable, "type", "bridge_slave", "isolated", isolated ? "on" : "off"),
  };
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // It was not there.
  }
}
