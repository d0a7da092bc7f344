// Calls of the API. An error carries what the server said about it.

export class ApiError extends Error {}

async function readProblem(response) {
  const text = await response.text();
  try {
    const problem = JSON.parse(text);
    return problem.detail ?? problem.title ?? text;
  } catch {
    return text || `The server answered ${response.status}.`;
  }
}

// Integers beyond 53 bits would lose digits as numbers.
function exact(_, value, context) {
  return typeof value === "number" && context?.source && Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source)
    ? BigInt(context.source)
    : value;
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { headers: { accept: "application/json" }, ...options });
  } catch {
    throw new ApiError("The server does not answer. What is shown is the last answer; trying again.");
  }
  if (!response.ok) {
    throw new ApiError(await readProblem(response));
  }
  return JSON.parse(await response.text(), exact);
}

export const get = (path, parameters = {}) => call(address(path, parameters));

export const post = (path, body) => call(path, {
  method: "POST",
  headers: { "content-type": "application/json", accept: "application/json" },
  body: JSON.stringify(body),
});

export function address(path, parameters) {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ""));
  return query.size > 0 ? `${path}?${query}` : path;
}
