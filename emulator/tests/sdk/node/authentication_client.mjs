// Journeys of the AuthenticationClient of `auth0` 4 and 5, which has no calls for MFA, to be run like every journey
// (tenant.mjs).
import { confirmPhone, control, domain, password, run, sdk, username } from "./tenant.mjs";

const { AuthenticationClient } = await import(sdk);
const { oauth } = new AuthenticationClient({ domain, clientId: "emulator-client", clientSecret: "emulator-secret" });
const refused = async (request) => {
  try {
    return { raised: null, answered: await request };
  } catch (error) {
    const { name: raised, statusCode, error: code, error_description: description, body } = error;
    return { raised, statusCode, error: code, description, body: JSON.parse(body) };
  }
};
const login = (more) => oauth.passwordGrant({ username, password, scope: "openid email", ...more });

const mfa = async () => {
  const required = await refused(login());
  return { required, tokens: await confirmPhone(required.body.mfa_token), again: await refused(login()) };
};

const withoutMfa = async () => {
  await control("PATCH", "tenant", { mfa_required: false });
  const { data: tokens } = await login({ scope: "openid email offline_access" });
  const { data: refreshed } = await oauth.refreshTokenGrant({ refresh_token: tokens.refresh_token });
  const realm = "Username-Password-Authentication";
  const { data: ofRealm } = await login({ realm });
  return { tokens, refreshed, ofRealm };
};

const machine = async () => {
  const { oauth: manager } = new AuthenticationClient({
    domain, clientId: "management-client", clientSecret: "management-secret",
  });
  return (await manager.clientCredentialsGrant({ audience: `https://${domain}/api/v2/` })).data;
};

const refusals = async () => ({
  wrongPassword: await refused(login({ password: "wrong" })),
  noRefreshToken: await refused(oauth.refreshTokenGrant({ refresh_token: "garbage" })),
  noMachine: await refused(oauth.clientCredentialsGrant({ audience: "https://api.example.com" })),
});

await run({ mfa, withoutMfa, machine, refusals });
