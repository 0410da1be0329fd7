import type { SinkConnector, SourceConnector } from "../contract/connector.ts";
import { blackhole } from "./blackhole/descriptor.ts";
import { datagen } from "./datagen/descriptor.ts";
import { filesystemSink, filesystemSource } from "./filesystem/descriptor.ts";
import { nexmark } from "./nexmark/descriptor.ts";
import { print } from "./print/descriptor.ts";

/** Every connector that reads: one line each. */
export const sourceConnectors: Readonly<Record<string, SourceConnector>> = { datagen, filesystem: filesystemSource, nexmark };

/** Every connector that writes: one line each. The result table is none: its rows commit with the checkpoint. */
export const sinkConnectors: Readonly<Record<string, SinkConnector>> = { blackhole, filesystem: filesystemSink, print };
