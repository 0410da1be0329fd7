import type { World } from "../contract/world.ts";

/** 32 hexadecimal digits: tells sessions apart. No secret: connections are authenticated. */
export const randomToken = ({ random }: World): string => Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
