// Makes proofs with the npm package `dpop`: `node proofs.mjs ALGORITHM METHOD ADDRESS TOKEN [NONCE]` prints the thumbprint
// of a new key, and two proofs by it.
import * as DPoP from 'dpop';

const [algorithm, method, address, token, nonce] = process.argv.slice(2);
const keys = await DPoP.generateKeyPair(algorithm, { extractable: true });
const proof = () => DPoP.generateProof(keys, address, method, nonce, token);
console.log(JSON.stringify({
  thumbprint: await DPoP.calculateThumbprint(keys.publicKey),
  proofs: [await proof(), await proof()],
}));
