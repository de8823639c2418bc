// An OpenID provider of other authors, set up for the tests: prints its issuer and a key, and serves until it is killed.
// A POST to /new-key makes it sign with a new key, and publish no other.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { setStorage } from 'oidc-provider/lib/adapters/memory_adapter.js';

// The package's own memory forgets the oldest of a thousand entries, and so log-ins that are under way.
setStorage(new Map());

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const lifetime = Number(process.env.TOKEN_LIFETIME ?? 3600);
// The key pair of a client: made for this run, told to the tests.
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k1', use: 'sig' };

const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'read write' };
const web = {
  grant_types: ['authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.example.com/login/peer/callback'],
  post_logout_redirect_uris: ['https://app.example.com/logout/done'],
  response_types: ['code'],
};
// Where the application under test waits for log-outs, if it does.
const logouts = process.env.APPLICATION && { backchannel_logout_uri: `${process.env.APPLICATION}/login/peer/backchannel-logout` };
const secret = { client_secret: 's:e%c+r/e=t&!', token_endpoint_auth_method: 'client_secret_basic' };
const configuration = {
  clients: [
    { ...machine, client_id: 'a:b%c+d', client_secret: 's:e%c+r/e=t&!', token_endpoint_auth_method: 'client_secret_basic' },
    { ...machine, client_id: 'poster', client_secret: 's:e%c+r/e=t&!', token_endpoint_auth_method: 'client_secret_post' },
    { ...machine, client_id: 'signer', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
    {
      client_id: 'cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['http://127.0.0.1/callback'],
      response_types: ['code'],
    },
    { ...web, ...secret, ...logouts, client_id: 'web', backchannel_logout_session_required: true },
    { ...web, ...secret, ...logouts, client_id: 'web-subject' },
    { ...web, ...secret, client_id: 'web-other' },
    { ...web, ...secret, client_id: 'web-stay', post_logout_redirect_uris: [] },
    { ...web, ...secret, client_id: 'web-userinfo', userinfo_signed_response_alg: 'RS256' },
    { ...web, client_id: 'web-signer', token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } },
    {
      client_id: 'tv',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  scopes: ['openid', 'offline_access', 'read', 'write'],
  acrValues: ['urn:example:password', 'urn:example:key'],
  features: {
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    dPoP: { enabled: Boolean(process.env.DPOP), nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
    introspection: { enabled: true, allowedPolicy: () => true },
    jwtUserinfo: { enabled: true },
    revocation: { enabled: true },
  },
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['EdDSA', 'ES256', 'PS256', 'RS256'] },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { methods: ['S256'], required: () => true },
  ttl: { AccessToken: lifetime, ClientCredentials: lifetime, AuthorizationCode: 600, DeviceCode: 60 },
  findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: `The ${id}` }) }),
};

let handler;
const serve = (keys) => {
  const provider = new Provider(issuer, { ...configuration, ...keys });
  // The package's log-in page asks for a password, and does not say so to the session.
  const { loginAccount } = provider.Session.prototype;
  provider.Session.prototype.loginAccount = function (details) {
    return loginAccount.call(this, { ...details, acr: 'urn:example:password' });
  };
  handler = provider.callback();
};
serve();
server.on('request', (request, response) => {
  if (request.url !== '/new-key') return handler(request, response);
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  serve({ jwks: { keys: [{ ...key, alg: 'RS256', kid: 'new', use: 'sig' }] } });
  return response.end();
});
console.log(JSON.stringify({ issuer, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }));
