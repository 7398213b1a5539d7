import { Auth0Client } from "@auth0/nextjs-auth0/server";

export const auth0 = new Auth0Client({
  // Without it, the SDK takes no localhost, no port and no HTTP.
  allowInsecureRequests: true,
  authorizationParameters: { scope: "openid profile email offline_access" },
});
