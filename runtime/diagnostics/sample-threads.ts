import { type Profiler, Session } from "node:inspector";
import type { World } from "../contract/world.ts";
import { sleep } from "../contract/wait.ts";

/** What V8's sampling profiler saw of one thread of this process. */
export interface ThreadSamples {
  /** `main`, or the worker's name. */
  readonly thread: string;
  readonly profile: Profiler.Profile;
}

export interface Sampling {
  /** null: every thread. */
  readonly threads: ReadonlySet<string> | null;
  readonly interval_us: number;
  readonly duration_ms: number;
}

type Post = (method: string, parameters?: object) => Promise<unknown>;

/** Samples threads of this process while they go on with their work. Call from the main thread, one at a time. */
export async function sampleThreads(world: World, { threads, interval_us, duration_ms }: Sampling): Promise<readonly ThreadSamples[]> {
  const session = new Session();
  session.connect();
  try {
    const all = [{ thread: "main", post: postTo(session) }, ...(await workersOf(session))];
    const wanted = all.filter(({ thread }) => threads === null || threads.has(thread));
    await Promise.all(wanted.map(({ post }) => begin(post, interval_us)));
    await sleep(world, duration_ms);
    return await Promise.all(
      wanted.map(async ({ thread, post }) => ({
        thread,
        profile: ((await post("Profiler.stop")) as { profile: Profiler.Profile }).profile,
      })),
    );
  } finally {
    session.disconnect();
  }
}

async function begin(post: Post, interval: number): Promise<void> {
  await post("Profiler.enable");
  await post("Profiler.setSamplingInterval", { interval });
  await post("Profiler.start");
}

const postTo =
  (session: Session): Post =>
  (method, parameters = {}) =>
    new Promise((resolve, reject) => {
      session.post(method, parameters, (error, result) => (error === null ? resolve(result) : reject(error)));
    });

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The inspector's protocol within the protocol: messages to a worker and its answers travel as text. */
async function workersOf(session: Session): Promise<readonly { readonly thread: string; readonly post: Post }[]> {
  const waiting = new Map<number, (reply: Reply) => void>();
  const workers: { readonly thread: string; readonly sessionId: string }[] = [];
  let calls = 0;
  session.on("NodeWorker.attachedToWorker", ({ params }) =>
    workers.push({ thread: nameIn(params.workerInfo.title), sessionId: params.sessionId }),
  );
  session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
    const reply = JSON.parse(params.message) as Reply;
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
  });
  const post = postTo(session);
  await post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  return workers.map(({ thread, sessionId }) => ({
    thread,
    post: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++calls;
        waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
        void post("NodeWorker.sendMessageToWorker", { sessionId, message: JSON.stringify({ id, method, params }) });
      }),
  }));
}

/** Node calls a worker "[worker 1] slot-0" (before Node 20.10: "Worker 1"). */
const nameIn = (title: string): string => /^\[worker \d+\] (.+)$/.exec(title)?.[1] ?? title;
