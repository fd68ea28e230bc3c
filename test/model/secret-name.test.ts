import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSecretName } from '../../src/model/secret-name.ts';

describe('a name that sounds secret', () => {
  for (const name of [
    'password',
    'passphrase',
    'passwd',
    'pwd',
    'userPwd',
    'token',
    'accessToken',
    'bearer',
    'jwt',
    'JWT',
    'idJwt',
    'apiKey',
    'api_key',
    'x-api-key',
    'access_key',
    'accessKey',
    'AWS_ACCESS_KEY',
    'privateKey',
    'authorization',
    'credentials',
    'Cookie',
    'sessionId',
    'session-id',
    'pin',
    'PIN',
    'Pin',
    'userPin',
    'pin_code',
    'pinCode',
    'user_pin',
    'USER_PIN',
    '#pin',
  ])
    test(name, () => assert.equal(isSecretName(name), true));
});

describe('a name that sounds like none', () => {
  for (const name of ['spin', 'ping', 'pinned', 'opinion', 'SPIN', 'pins', 'key', 'keys', 'access'])
    test(name, () => assert.equal(isSecretName(name), false));
});
