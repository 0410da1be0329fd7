import type { World } from "./world.ts";

/** 32 hexadecimal digits: tells jobs, requests, files or sessions apart. No secret. */
export const randomToken = ({ random }: World): string => Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join("");
