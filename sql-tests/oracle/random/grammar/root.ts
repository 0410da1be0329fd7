export { rootQuery } from "./select.ts";
