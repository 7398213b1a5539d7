// Journeys of the Management API in `auth0` from version 5 on, to be run like every journey (tenant.mjs).
import {
  associatePhone, confirmPhone, control, domain, messages, mfaTokenOf, password, run, sdk, username,
} from "./tenant.mjs";

const { ManagementClient } = await import(sdk);
const manager = { domain, clientId: "management-client", clientSecret: "management-secret" };
const client = new ManagementClient(manager);
const connection = "Username-Password-Authentication";
const [email, number] = ["chuck334@example.com", "+442071838750"];

const refused = async (request) => {
  try {
    return { raised: null, answered: await request };
  } catch (error) {
    const { statusCode, body, rawResponse } = error;
    const headers = Object.fromEntries([...rawResponse.headers].filter(([name]) => name.startsWith("x-ratelimit")));
    return { raised: error.constructor.name, statusCode, errorCode: body.errorCode, message: body.message, headers };
  }
};
const all = async (page) => {
  const found = [];
  for await (const one of await page) found.push(one);
  return found;
};
const newUser = (more) => client.users.create({ connection, email, password, ...more });

const users = async () => {
  const { user_id: id } = await newUser({ given_name: "Chuck", user_metadata: { a: 1 }, app_metadata: { plan: "free" } });
  const shown = await client.users.get(id);
  const byEmail = await client.users.listUsersByEmail({ email: "chuck334@example.com" });
  const found = await all(client.users.list({ q: `email:"${email}"` }));
  const missed = await all(client.users.list({ q: "app_metadata.plan:gold OR given_name:Ada*" }));
  const twice = await refused(newUser());
  const changed = await client.users.update(id, { email: "chuck@example.org", user_metadata: { b: 2 }, app_metadata: {} });
  await client.users.delete(id);
  const gone = await refused(client.users.get(id));
  const ids = (listed) => listed.map(({ user_id: one }) => one);
  return { id, shown, byEmail: ids(byEmail), found: ids(found), missed, twice, changed, gone };
};

const pages = async (first) => {
  const made = [first];
  for (const name of ["b", "c", "d", "e"]) made.push((await newUser({ email: `${name}@example.com` })).user_id);
  const listed = await all(client.users.list({ per_page: 2 }));
  return { made, listed: listed.map(({ user_id: id }) => id) };
};

const methods = async (id) => {
  const { authenticationMethods: api } = client.users;
  const nothing = await all(api.list(id));
  const created = [
    await api.create(id, { type: "email", name: "Test", email }),
    await api.create(id, { type: "phone", phone_number: number, preferred_authentication_method: "sms" }),
    await api.create(id, { type: "totp", totp_secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", name: "App" }),
  ];
  const listed = await all(api.list(id, { per_page: 2 }));
  const { response: counted } = await api.list(id);
  const [{ id: mail }, { id: phone }, { id: app }] = created;
  const renamed = await api.update(id, mail, { name: "Mail" });
  await api.update(id, phone, { preferred_authentication_method: "voice" });
  const shown = await api.get(id, phone);
  const replaced = await api.set(id, [{ type: "phone", name: "Mine", phone_number: number }]);
  const unknown = await refused(api.delete(id, app));
  await api.delete(id, replaced[0].id);
  await api.deleteAll(id);
  return { nothing, created, listed, counted, renamed, shown, replaced, unknown, left: await all(api.list(id)) };
};

const enrollments = async (id) => {
  await confirmPhone(await mfaTokenOf());
  const [enrolled] = await client.users.enrollments.get(id);
  const shown = await client.guardian.enrollments.get(enrolled.id);
  await client.guardian.enrollments.delete(enrolled.id);
  const gone = await refused(client.guardian.enrollments.get(enrolled.id));
  await confirmPhone(await mfaTokenOf());
  const { recovery_code: recoveryCode } = await client.users.regenerateRecoveryCode(id);
  await client.users.authenticators.deleteAll(id);
  const left = await all(client.users.authenticationMethods.list(id));
  const wanted = { user_id: id, send_mail: true, factor: "phone" };
  const ticket = await client.guardian.enrollments.createTicket(wanted);
  return { enrolled, shown, gone, left, recoveryCode, ticket, mail: await messages(username) };
};

const factors = async () => {
  const { factors: api, policies } = client.guardian;
  const listed = await api.list();
  const disabled = await api.set("otp", { enabled: false });
  const channels = await api.phone.getMessageTypes();
  const oneChannel = await api.phone.setMessageTypes({ message_types: ["sms"] });
  const provider = await api.phone.setProvider({ provider: "auth0" });
  const selected = await api.phone.getSelectedProvider();
  const templates = await api.phone.getTemplates();
  const texts = { enrollment_message: "{{code}}!", verification_message: "{{code}}" };
  const changed = await api.phone.setTemplates(texts);
  const before = await policies.list();
  const after = await policies.set([]);
  const tenant = await control("GET", "tenant");
  return { listed, disabled, channels, oneChannel, provider, selected, templates, changed, policies: [before, after], tenant };
};

const protection = async () => {
  const { bruteForceProtection, breachedPasswordDetection, suspiciousIpThrottling } = client.attackProtection;
  return {
    bruteForce: [await bruteForceProtection.get(), await bruteForceProtection.update({ max_attempts: 3 })],
    breached: [await breachedPasswordDetection.get(), await breachedPasswordDetection.update({ shields: ["block"] })],
    suspicious: [await suspiciousIpThrottling.get(), await suspiciousIpThrottling.update({ allowlist: ["127.0.0.1"] })],
  };
};

const phoneProtection = async () => {
  const { phoneProviderProtection: api } = client.attackProtection;
  return { types: [await api.get(), await api.patch({ type: "exponential" }), await api.get()].map(({ type }) => type) };
};

const applications = async () => {
  const audience = `https://${domain}/api/v2/`;
  const created = await client.clients.create({ name: "Pipeline", grant_types: ["client_credentials"] });
  const { client_id: id } = created;
  const grant = await client.clientGrants.create({ client_id: id, audience, scope: ["read:logs"] });
  const granted = await all(client.clientGrants.list({ take: 1 }));
  const narrowed = await client.clientGrants.update(grant.id, { scope: ["read:users"] });
  const renamed = await client.clients.update(id, { name: "Pipeline 2" });
  const shown = await client.clients.get(id, { fields: "name,client_id" });
  await client.clientGrants.delete(grant.id);
  await client.clients.delete(id);
  const left = (await all(client.clients.list())).map(({ client_id: one }) => one);
  return { created, granted: granted.map(({ client_id: one }) => one), narrowed, renamed, shown, left };
};

const logs = async (id) => {
  await control("POST", "message-faults", { kind: "fail", code: "30006" });
  await associatePhone(await mfaTokenOf());
  const byPage = await all(client.logs.list({ per_page: 2 }));
  const after = async (from) => (await client.logs.list({}, { queryParams: { from, take: 2 } })).response;
  const first = await after("0".repeat(56));
  const next = await after(first.at(-1).log_id);
  const failure = await client.logs.get(byPage.find(({ type }) => type.endsWith("_failure")).log_id);
  const ofUser = await all(client.users.logs.list(id));
  const types = (lines) => lines.map(({ type }) => type);
  return { byPage: types(byPage), checkpoints: [types(first), types(next)], failure, ofUser: types(ofUser) };
};

const errors = async (id) => {
  const once = { maxRetries: 0 };
  const [bad, foreign] = ["garbage", "not.a.token"].map((token) => new ManagementClient({ domain, token }));
  const report = {
    badRequest: await refused(client.users.create({ connection, email: "nobody", password })),
    noToken: await refused(bad.users.get("auth0|x")),
    unauthorized: await refused(foreign.users.get("auth0|x")),
    notFound: await refused(client.users.get("auth0|x")),
    unsupported: await refused(client.guardian.factors.set("duo", { enabled: true })),
  };
  await control("PATCH", "tenant", { phone_consolidated_experience: true });
  report.forbidden = await refused(client.guardian.factors.phone.getTemplates());
  await control("PATCH", "tenant", { management_rate_limit: { burst: 2, per_seconds: 60 } });
  const { rawResponse } = await client.users.get(id, {}, once).withRawResponse();
  report.remaining = rawResponse.headers.get("x-ratelimit-remaining");
  await client.users.get(id, {}, once);
  report.tooMany = await refused(client.users.get(id, {}, once));
  return report;
};

await run({
  users, pages, methods, enrollments, factors, protection, phoneProtection, applications, logs, errors,
});
