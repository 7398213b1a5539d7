import { auth0 } from "../../../auth0.js";

/** Renews the access token on the server; tells the page if that needs MFA. */
export const POST = async () => {
  try {
    const { token } = await auth0.getAccessToken({ refresh: true });
    return Response.json({ token });
  } catch (error) {
    const { code, error: name, error_description, message, mfa_token } = error;
    const told = { error: name ?? code, message: error_description ?? message, mfa_token };
    return Response.json(told, { status: mfa_token ? 403 : 401 });
  }
};
