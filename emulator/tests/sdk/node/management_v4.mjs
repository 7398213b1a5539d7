// Journeys of the Management API in `auth0` 4, to be run like every journey (tenant.mjs).
import { ManagementClient } from "auth0-v4";
import { associatePhone, confirmPhone, control, domain, messages, mfaTokenOf, password, run, username } from "./tenant.mjs";

const manager = { domain, clientId: "management-client", clientSecret: "management-secret" };
const client = new ManagementClient(manager);
const connection = "Username-Password-Authentication";
const [email, number] = ["chuck334@example.com", "+442071838750"];

const refused = async (request) => {
  try {
    return { raised: null, answered: await request };
  } catch (error) {
    const { statusCode, errorCode, message } = error;
    const headers = Object.fromEntries([...error.headers].filter(([name]) => name.startsWith("x-ratelimit")));
    return { raised: error.name, statusCode, errorCode, message, headers };
  }
};
const newUser = async (more) => (await client.users.create({ connection, email, password, ...more })).data;
const ids = (listed) => listed.map(({ user_id: one }) => one);

const users = async () => {
  const { user_id: id } = await newUser({ given_name: "Chuck", user_metadata: { a: 1 }, app_metadata: { plan: "free" } });
  const { data: shown } = await client.users.get({ id });
  const { data: byEmail } = await client.usersByEmail.getByEmail({ email: "chuck334@example.com" });
  const { data: found } = await client.users.getAll({ q: `email:"${email}"` });
  const { data: missed } = await client.users.getAll({ q: "app_metadata.plan:gold OR given_name:Ada*" });
  const twice = await refused(newUser());
  const change = { email: "chuck@example.org", user_metadata: { b: 2 }, app_metadata: {} };
  const { data: changed } = await client.users.update({ id }, change);
  await client.users.delete({ id });
  const gone = await refused(client.users.get({ id }));
  return { id, shown, byEmail: ids(byEmail), found: ids(found), missed, twice, changed, gone };
};

const pages = async (first) => {
  const made = [first];
  for (const name of ["b", "c", "d", "e"]) made.push((await newUser({ email: `${name}@example.com` })).user_id);
  const listed = [];
  for (let page = 0, total = 1; listed.length < total; page += 1) {
    const { data } = await client.users.getAll({ page, per_page: 2, include_totals: true });
    listed.push(...data.users);
    ({ total } = data);
  }
  return { made, listed: ids(listed) };
};

const methods = async (id) => {
  const api = client.users;
  const list = async (more) => (await api.getAuthenticationMethods({ id, ...more })).data;
  const create = async (method) => (await api.createAuthenticationMethod({ id }, method)).data;
  const nothing = await list();
  const created = [
    await create({ type: "email", name: "Test", email }),
    await create({ type: "phone", phone_number: number, preferred_authentication_method: "sms" }),
    await create({ type: "totp", totp_secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", name: "App" }),
  ];
  const [listed, counted] = [await list(), await list({ include_totals: true })];
  const [mail, phone, app] = created.map(({ id: one }) => ({ id, authentication_method_id: one }));
  const { data: renamed } = await api.updateAuthenticationMethod(mail, { name: "Mail" });
  await api.updateAuthenticationMethod(phone, { preferred_authentication_method: "voice" });
  const { data: shown } = await api.getAuthenticationMethod(phone);
  const mine = [{ type: "phone", name: "Mine", phone_number: number }];
  const { data: replaced } = await api.updateAuthenticationMethods({ id }, mine);
  const unknown = await refused(api.deleteAuthenticationMethod(app));
  await api.deleteAuthenticationMethod({ id, authentication_method_id: replaced[0].id });
  await api.deleteAuthenticationMethods({ id });
  return { nothing, created, listed, counted, renamed, shown, replaced, unknown, left: await list() };
};

const enrollments = async (id) => {
  await confirmPhone(await mfaTokenOf());
  const { data: [enrolled] } = await client.users.getEnrollments({ id });
  const { data: shown } = await client.guardian.getGuardianEnrollment({ id: enrolled.id });
  await client.guardian.deleteGuardianEnrollment({ id: enrolled.id });
  const gone = await refused(client.guardian.getGuardianEnrollment({ id: enrolled.id }));
  await confirmPhone(await mfaTokenOf());
  const { data: { recovery_code: recoveryCode } } = await client.users.regenerateRecoveryCode({ id });
  await client.users.deleteAllAuthenticators({ id });
  const { data: left } = await client.users.getAuthenticationMethods({ id });
  const wanted = { user_id: id, send_mail: true, factor: "phone" };
  const { data: ticket } = await client.guardian.createEnrollmentTicket(wanted);
  return { enrolled, shown, gone, left, recoveryCode, ticket, mail: await messages(username) };
};

const factors = async () => {
  const api = client.guardian;
  const { data: listed } = await api.getFactors();
  const { data: disabled } = await api.updateFactor({ name: "otp" }, { enabled: false });
  const { data: channels } = await api.getPhoneFactorMessageTypes();
  const { data: oneChannel } = await api.updatePhoneFactorMessageTypes({ message_types: ["sms"] });
  const { data: provider } = await api.updatePhoneFactorSelectedProvider({ provider: "auth0" });
  const { data: selected } = await api.getPhoneFactorSelectedProvider();
  const { data: templates } = await api.getPhoneFactorTemplates();
  const texts = { enrollment_message: "{{code}}!", verification_message: "{{code}}" };
  const { data: changed } = await api.setPhoneFactorTemplates(texts);
  const policies = [(await api.getPolicies()).data, (await api.updatePolicies([])).data];
  const tenant = await control("GET", "tenant");
  return { listed, disabled, channels, oneChannel, provider, selected, templates, changed, policies, tenant };
};

const protection = async () => {
  const { attackProtection: api } = client;
  const both = async (read, change) => [(await read).data, (await change()).data];
  return {
    bruteForce: await both(api.getBruteForceConfig(), () => api.updateBruteForceConfig({ max_attempts: 3 })),
    breached: await both(api.getBreachedPasswordDetectionConfig(), () =>
      api.updateBreachedPasswordDetectionConfig({ shields: ["block"] })),
    suspicious: await both(api.getSuspiciousIpThrottlingConfig(), () =>
      api.updateSuspiciousIpThrottlingConfig({ allowlist: ["127.0.0.1"] })),
  };
};

const applications = async () => {
  const audience = `https://${domain}/api/v2/`;
  const { data: created } = await client.clients.create({ name: "Pipeline", grant_types: ["client_credentials"] });
  const { client_id: id } = created;
  const { data: grant } = await client.clientGrants.create({ client_id: id, audience, scope: ["read:logs"] });
  const { data: granted } = await client.clientGrants.getAll();
  const { data: narrowed } = await client.clientGrants.update({ id: grant.id }, { scope: ["read:users"] });
  const { data: renamed } = await client.clients.update({ client_id: id }, { name: "Pipeline 2" });
  const { data: shown } = await client.clients.get({ client_id: id, fields: "name,client_id" });
  await client.clientGrants.delete({ id: grant.id });
  await client.clients.delete({ client_id: id });
  const { data: left } = await client.clients.getAll();
  const clients = (listed) => listed.map(({ client_id: one }) => one);
  return { created, granted: clients(granted), narrowed, renamed, shown, left: clients(left) };
};

const logs = async (id) => {
  await control("POST", "message-faults", { kind: "fail", code: "30006" });
  await associatePhone(await mfaTokenOf());
  const { data: byPage } = await client.logs.getAll();
  const { data: first } = await client.logs.getAll({ from: "0".repeat(56), take: 2 });
  const { data: next } = await client.logs.getAll({ from: first.at(-1).log_id, take: 2 });
  const { data: failure } = await client.logs.get({ id: byPage.find(({ type }) => type.endsWith("_failure")).log_id });
  const { data: ofUser } = await client.users.getLogs({ id });
  const types = (lines) => lines.map(({ type }) => type);
  return { byPage: types(byPage), checkpoints: [types(first), types(next)], failure, ofUser: types(ofUser) };
};

const errors = async (id) => {
  const [bad, foreign] = ["garbage", "not.a.token"].map((token) => new ManagementClient({ domain, token }));
  const report = {
    badRequest: await refused(client.users.create({ connection, email: "nobody", password })),
    noToken: await refused(bad.users.get({ id: "auth0|x" })),
    unauthorized: await refused(foreign.users.get({ id: "auth0|x" })),
    notFound: await refused(client.users.get({ id: "auth0|x" })),
    unsupported: await refused(client.guardian.updateFactor({ name: "duo" }, { enabled: true })),
  };
  await control("PATCH", "tenant", { phone_consolidated_experience: true });
  report.forbidden = await refused(client.guardian.getPhoneFactorTemplates());
  await control("PATCH", "tenant", { management_rate_limit: { burst: 2, per_seconds: 60 } });
  const once = new ManagementClient({ ...manager, retry: { enabled: false } });
  const { headers } = await once.users.get({ id });
  report.remaining = headers.get("x-ratelimit-remaining");
  await once.users.get({ id });
  report.tooMany = await refused(once.users.get({ id }));
  return report;
};

await run({ users, pages, methods, enrollments, factors, protection, applications, logs, errors });
