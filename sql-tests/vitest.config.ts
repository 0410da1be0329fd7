import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["runtime/**/*.test.ts", "planner/**/*.test.ts", "server/**/*.test.ts", "sql-tests/**/*.test.ts"],
    exclude: ["dist/**", "node_modules/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ["default", "./sql-tests/runner/closing-line.ts"],
  },
});
