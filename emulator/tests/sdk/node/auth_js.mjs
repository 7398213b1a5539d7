// Journeys of @auth0/auth0-auth-js, to be run like every journey (tenant.mjs).
import { AuthClient, isMfaRequiredError } from "@auth0/auth0-auth-js";
import {
  advance, control, domain, newest, oneTimePassword, otherThan, password, phoneNumber, run, username,
} from "./tenant.mjs";

const client = new AuthClient({ domain, clientId: "emulator-client", clientSecret: "emulator-secret" });
const { mfa } = client;

const refused = async (call) => {
  try {
    return { raised: null, answered: await call };
  } catch (error) {
    const { message, code, statusCode, cause } = error;
    return { raised: error.constructor.name, message, code, statusCode, error: cause?.error };
  }
};

const login = (options) => client.getTokenByPassword({ username, password, scope: "openid profile email", ...options });
const mfaToken = async (options) => {
  const error = await login(options).then(() => new Error("no MFA was needed"), (raised) => raised);
  if (!isMfaRequiredError(error)) throw error;
  return error.cause.mfa_token;
};

const enrollPhone = (token, channel) =>
  mfa.enrollAuthenticator({ authenticatorTypes: ["oob"], oobChannels: [channel], phoneNumber, mfaToken: token });
const verifyCode = (token, oobCode, bindingCode) =>
  mfa.verify({ factorType: "oob", mfaToken: token, oobCode, bindingCode });
const confirmPhone = async (channel = "sms") => {
  const token = await mfaToken();
  const enrolled = await enrollPhone(token, channel);
  await verifyCode(token, enrolled.oobCode, (await newest(phoneNumber)).code);
  return enrolled;
};

const phone = async (channel) => {
  const token = await mfaToken();
  const report = { nothing: await mfa.listAuthenticators({ mfaToken: token }) };
  report.enrolled = await enrollPhone(token, channel);
  report.pending = await mfa.listAuthenticators({ mfaToken: token });
  const { code } = await newest(phoneNumber);
  report.wrong = await refused(verifyCode(token, report.enrolled.oobCode, otherThan(code)));
  report.tokens = await verifyCode(token, report.enrolled.oobCode, code);
  const next = await mfaToken();
  report.confirmed = await mfa.listAuthenticators({ mfaToken: next });
  report.again = await refused(enrollPhone(next, channel));
  report.messages = [];
  for (const { id } of report.confirmed.slice(0, 2)) {
    const another = await mfaToken();
    report.challenged = await mfa.challengeAuthenticator({
      challengeType: "oob", authenticatorId: id, mfaToken: another,
    });
    const message = await newest(phoneNumber);
    report.messages.push(message.channel);
    report.tokensAgain = await verifyCode(another, report.challenged.oobCode, message.code);
  }
  return report;
};

const verifyOtp = (token, otp) => mfa.verify({ factorType: "otp", mfaToken: token, otp });

const otp = async () => {
  const token = await mfaToken();
  const enrolled = await mfa.enrollAuthenticator({ authenticatorTypes: ["otp"], mfaToken: token });
  const code = oneTimePassword(enrolled.secret, await advance(0));
  const wrong = await refused(verifyOtp(token, otherThan(code)));
  const tokens = await verifyOtp(token, code);
  const later = await advance(30);
  const next = await mfaToken();
  const confirmed = await mfa.listAuthenticators({ mfaToken: next });
  const challenged = await mfa.challengeAuthenticator({ challengeType: "otp", mfaToken: next });
  const tokensAgain = await verifyOtp(next, oneTimePassword(enrolled.secret, later));
  return { enrolled, wrong, tokens, confirmed, challenged, tokensAgain };
};

const email = async () => {
  const token = await mfaToken();
  const options = { authenticatorTypes: ["oob"], oobChannels: ["email"], email: username };
  const enrolled = await mfa.enrollAuthenticator({ ...options, mfaToken: token });
  const { code } = await newest(username);
  const wrong = await refused(verifyCode(token, enrolled.oobCode, otherThan(code)));
  const tokens = await verifyCode(token, enrolled.oobCode, code);
  await confirmPhone(); // an e-mail address is a factor only in addition to others
  const next = await mfaToken();
  const confirmed = await mfa.listAuthenticators({ mfaToken: next });
  const { id: authenticatorId } = confirmed.find(({ id }) => id.startsWith("email|"));
  const challenged = await mfa.challengeAuthenticator({ challengeType: "oob", authenticatorId, mfaToken: next });
  const tokensAgain = await verifyCode(next, challenged.oobCode, (await newest(username)).code);
  return { enrolled, wrong, tokens, confirmed, challenged, tokensAgain };
};

const answerPush = async (decision) => control("POST", `messages/${(await newest(username)).id}/${decision}`);
const push = async () => {
  const token = await mfaToken();
  const options = { authenticatorTypes: ["oob"], oobChannels: ["auth0"] };
  const enrolled = await mfa.enrollAuthenticator({ ...options, mfaToken: token });
  const pending = await refused(verifyCode(token, enrolled.oobCode));
  await answerPush("approve");
  const tokens = await verifyCode(token, enrolled.oobCode);
  const next = await mfaToken();
  const confirmed = await mfa.listAuthenticators({ mfaToken: next });
  const challenge = () => mfa.challengeAuthenticator({ challengeType: "oob", mfaToken: next });
  const { oobCode } = await challenge();
  await answerPush("deny");
  const denied = await refused(verifyCode(next, oobCode));
  const challenged = await challenge();
  await answerPush("approve");
  const tokensAgain = await verifyCode(next, challenged.oobCode);
  return { enrolled, pending, tokens, confirmed, denied, challenged, tokensAgain };
};

const recovery = async () => {
  const { recoveryCodes: [old] } = await confirmPhone();
  const recover = async (recoveryCode) =>
    mfa.verify({ factorType: "recovery-code", mfaToken: await mfaToken(), recoveryCode });
  const tokens = await recover(old);
  return { old, tokens, dead: await refused(recover(old)), next: await recover(tokens.recoveryCode) };
};

const removal = async () => {
  await confirmPhone();
  const audience = `https://${domain}/mfa/`;
  const scope = "enroll read:authenticators remove:authenticators";
  const opaque = await mfaToken({ audience, scope });
  const { oobCode } = await mfa.challengeAuthenticator({ challengeType: "oob", mfaToken: opaque });
  const [{ id: authenticatorId }] = await mfa.listAuthenticators({ mfaToken: opaque });
  const byOpaque = await refused(mfa.deleteAuthenticator({ authenticatorId, mfaToken: opaque }));
  const tokens = await verifyCode(opaque, oobCode, (await newest(phoneNumber)).code);
  await mfa.deleteAuthenticator({ authenticatorId, mfaToken: tokens.accessToken });
  const left = await mfa.listAuthenticators({ mfaToken: tokens.accessToken });
  const gone = await refused(mfa.deleteAuthenticator({ authenticatorId, mfaToken: tokens.accessToken }));
  return { byOpaque, tokens, left, gone };
};

const refusals = async () => {
  const garbage = "garbage";
  const token = await mfaToken();
  const order = { method: "GET", path: "/mfa/authenticators", kind: "status", status: 502, body: "<html>" };
  await control("POST", "faults", order);
  return {
    badGateway: await refused(mfa.listAuthenticators({ mfaToken: token })),
    wrongPassword: await refused(login({ password: "wrong" })),
    garbageList: await refused(mfa.listAuthenticators({ mfaToken: garbage })),
    garbageEnroll: await refused(enrollPhone(garbage, "sms")),
    garbageChallenge: await refused(mfa.challengeAuthenticator({ challengeType: "oob", mfaToken: garbage })),
    garbageVerify: await refused(verifyCode(garbage, "x", "123456")),
    garbageDelete: await refused(mfa.deleteAuthenticator({ authenticatorId: "sms|dev_x", mfaToken: garbage })),
    nothingEnrolled: await refused(mfa.challengeAuthenticator({ challengeType: "oob", mfaToken: token })),
  };
};

const withoutMfa = async () => {
  await control("PATCH", "tenant", { mfa_required: false });
  return { tokens: await login() };
};

const [sms, voice] = [() => phone("sms"), () => phone("voice")];
const journeys = { sms, voice, otp, email, push, recovery, removal, refusals, withoutMfa };

await run(journeys);
