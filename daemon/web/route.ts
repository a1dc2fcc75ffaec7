/** Who may ask: anybody; who may read; who has signed in. */
export type Access = "anybody" | "reader" | "person";

/** What a handler gets of a request. */
export type Call = {
  readonly request: Request;
  /** The parts of the path that its pattern names. */
  readonly params: Readonly<Record<string, string>>;
  /** Where it came from. */
  readonly address: string;
  /** The server's own ways with this connection. */
  readonly keepOpen: () => void;
};

/** One method of one path; `{id}` stands for a part of it, as in OpenAPI. */
export type Route = {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly access: Access;
  readonly handle: (call: Call) => Response | Promise<Response>;
};
