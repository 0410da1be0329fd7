/** One answer of POST /v1/query. */
export interface Answer {
  readonly command: string;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly rows?: readonly Readonly<Record<string, unknown>>[];
  readonly notices?: readonly string[];
}

export interface AnswerError {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: number;
}

export class QueryFailed extends Error {
  readonly fields: AnswerError;

  constructor(fields: AnswerError) {
    super(fields.message);
    this.name = "QueryFailed";
    this.fields = fields;
  }
}

/** A client of the HTTP query API. Throws QueryFailed with the server's error, or a plain Error when there is no server. */
export async function postQuery(url: string, sql: string, password: string | null): Promise<Answer> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (password !== null) headers["authorization"] = `Bearer ${password}`;
  const response = await fetch(`${url}/v1/query`, { method: "POST", headers, body: JSON.stringify({ sql }) }).catch((cause: unknown) => {
    throw new Error(`no server answers at ${url}: start one with "millrace serve"`, { cause });
  });
  const body = (await response.json()) as Answer & { readonly error?: AnswerError };
  if (body.error !== undefined) throw new QueryFailed(body.error);
  return body;
}
