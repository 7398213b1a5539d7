"use client";
import { getAccessToken, mfa } from "@auth0/nextjs-auth0/client";
import { useEffect } from "react";

const renew = async () => {
  const answer = await fetch("/api/token", { method: "POST" });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.message), told);
  return told.token;
};
const functions = {
  renew,
  getAccessToken,
  "mfa.getAuthenticators": (mfaToken) => mfa.getAuthenticators({ mfaToken }),
  "mfa.enroll": (given) => mfa.enroll(given),
  "mfa.challenge": (given) => mfa.challenge(given),
  "mfa.verify": (given) => mfa.verify(given),
};
const report = ({ name, message, code, error, error_description, mfa_token: mfaToken }) => ({
  raised: name, message: error_description ?? message, code: error ?? code ?? null, mfaToken,
});
const api = async (url, options) => {
  const answer = await fetch(url, options);
  return { status: answer.status, body: await answer.text() };
};

/** Lets a test call what the SDK has for pages, and the tenant. */
export const Sdk = ({ tenant }) => {
  useEffect(() => {
    window.sdk = (name, ...given) => functions[name](...given).then((value) => ({ value: value ?? null }), report);
    window.api = (path, options) => api(`${tenant}${path}`, options);
    document.documentElement.dataset.ready = "";
  });
  return null;
};
