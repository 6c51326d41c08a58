// The certified oidc-provider on loopback: node server.mjs PORT CALLBACK. It calls itself localhost,
// which to a browser is another site than 127.0.0.1. Its own forms for
// development ask for any name; the name is the person's address.
import Provider from "oidc-provider";

const [port, callback] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "kanban", client_secret: "secret", redirect_uris: [callback] }],
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified") }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("listening"));
