// An OpenID provider that nobody here wrote, set up for the tests: prints its issuer and a key, and serves until it is killed.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;
const lifetime = Number(process.env.TOKEN_LIFETIME ?? 3600);
// The key pair of a client: made for this run, told to the tests.
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'k1', use: 'sig' };

const machine = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [], scope: 'read write' };
const provider = new Provider(issuer, {
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
    {
      client_id: 'web',
      client_secret: 's:e%c+r/e=t&!',
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['authorization_code'],
      redirect_uris: ['https://app.example.com/login/peer/callback'],
      response_types: ['code'],
    },
    {
      client_id: 'web-signer',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
      grant_types: ['authorization_code'],
      redirect_uris: ['https://app.example.com/login/peer/callback'],
      response_types: ['code'],
    },
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
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    revocation: { enabled: true },
  },
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  enabledJWA: { clientAuthSigningAlgValues: ['EdDSA', 'ES256', 'PS256', 'RS256'] },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  pkce: { methods: ['S256'], required: () => true },
  ttl: { AccessToken: lifetime, ClientCredentials: lifetime, AuthorizationCode: 60, DeviceCode: 60 },
  findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, email: `${id}@example.com`, email_verified: true, name: `The ${id}` }) }),
});
server.on('request', provider.callback());
console.log(JSON.stringify({ issuer, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }));
