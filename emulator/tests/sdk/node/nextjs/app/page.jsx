import { auth0 } from "../auth0.js";
import { Sdk } from "./sdk.jsx";

export const dynamic = "force-dynamic";

export default async () => {
  const session = await auth0.getSession();
  return (
    <>
      <h1>{session ? session.user.email : "Nobody"}</h1>
      <form action={session ? "/auth/logout" : "/auth/login"}><button>{session ? "Log out" : "Log in"}</button></form>
      <Sdk tenant={process.env.AUTH0_DOMAIN} />
    </>
  );
};
