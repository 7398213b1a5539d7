// Calls of the control plane, relative to the page, so that it also works behind a proxy with a path.

export async function call(method, path, body) {
  const answer = await fetch(`_control/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

export const get = (path) => call("GET", path);
