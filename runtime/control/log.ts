/** `error` wakes someone; `warn` is a fault that was dealt with; `info` a change of state; `debug` the rest. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type Log = (level: LogLevel, message: string) => void;
