// A React application made with @auth0/auth0-react: it signs in, and does MFA when renewing a token needs it.
import { Auth0Provider, useAuth0 } from "@auth0/auth0-react";
import { useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const report = ({ name, message, error, mfa_token: mfaToken, mfa_requirements: requirements }) => ({
  raised: name, message, code: error ?? null, mfaToken, requirements,
});
const field = (event, name) => new FormData(event.target).get(name);

const StepUp = () => {
  const { getAccessTokenSilently, mfa } = useAuth0();
  const [step, setStep] = useState({ name: "start" });
  const submit = (next) => async (event) => {
    event.preventDefault();
    setStep(await next(event).catch((error) => ({ ...step, alert: error.error_description ?? error.message })));
  };
  const renew = submit(async () => {
    try {
      await getAccessTokenSilently({ cacheMode: "off" });
      return { name: "done" };
    } catch (error) {
      if (error.error !== "mfa_required") throw error;
      const mfaToken = error.mfa_token;
      const authenticators = (await mfa.getAuthenticators(mfaToken)).filter(({ active }) => active);
      return authenticators.length ? { name: "choose", mfaToken, authenticators } : { name: "enroll", mfaToken };
    }
  });
  const enroll = submit(async (event) => {
    const { mfaToken } = step;
    const enrolled = await mfa.enroll({ mfaToken, factorType: "sms", phoneNumber: field(event, "phone") });
    return { name: "code", mfaToken, oobCode: enrolled.oobCode, recoveryCodes: enrolled.recoveryCodes };
  });
  const challenge = (authenticatorId) => submit(async () => {
    const { mfaToken } = step;
    const { oobCode } = await mfa.challenge({ mfaToken, challengeType: "oob", authenticatorId });
    return { name: "code", mfaToken, oobCode };
  });
  const verify = submit(async (event) => {
    const { mfaToken, oobCode } = step;
    await mfa.verify({ mfaToken, oobCode, bindingCode: field(event, "code") });
    return { name: "done" };
  });
  return (
    <>
      {step.alert && <p role="alert">{step.alert}</p>}
      {step.name === "start" && <form onSubmit={renew}><button>Renew</button></form>}
      {step.name === "enroll" && (
        <form onSubmit={enroll}><label>Phone number <input name="phone" /></label><button>Send a code</button></form>
      )}
      {step.name === "choose" && step.authenticators.map(({ id }) => (
        <form key={id} onSubmit={challenge(id)}><button>Use {id.split("|")[0]}</button></form>
      ))}
      {step.name === "code" && (
        <form onSubmit={verify}><label>Code <input name="code" /></label><button>Verify</button></form>
      )}
      {step.recoveryCodes && <output>{step.recoveryCodes}</output>}
      {step.name === "done" && <p role="status">The token is renewed.</p>}
    </>
  );
};

const App = () => {
  const auth0 = useAuth0();
  const { isLoading, isAuthenticated, user, error, loginWithRedirect, logout } = auth0;
  useEffect(() => {
    window.sdk = (path, ...given) => {
      const names = path.split(".");
      const method = names.pop();
      const owner = names.reduce((part, name) => part[name], auth0);
      return owner[method](...given).then((value) => ({ value: value ?? null }), report);
    };
    document.documentElement.toggleAttribute("data-ready", !isLoading);
  });
  if (error) return <p role="alert">{error.message}</p>;
  if (isLoading) return <p>Loading</p>;
  if (!isAuthenticated) return <button onClick={() => loginWithRedirect()}>Log in</button>;
  return (
    <>
      <h1>{user.email}</h1>
      <StepUp />
      <button onClick={() => logout({ logoutParams: { returnTo: location.origin } })}>Log out</button>
    </>
  );
};

window.api = async (path, options) => {
  try {
    const answer = await fetch(`https://${settings.domain}${path}`, options);
    return { status: answer.status, body: await answer.text(), headers: Object.fromEntries(answer.headers) };
  } catch (error) {
    return { raised: error.name };
  }
};
createRoot(document.querySelector("#root")).render(<Auth0Provider {...settings}><App /></Auth0Provider>);
