import { catalog } from './catalog.js';

type Ended = {
  id: string;
  at: string;
};

/** Reasons for which a key or a token is refused. */
export const keyMessages = catalog({
  'key-expired': {
    en: ({ id, at }: Ended) =>
      `The API key ${id} expired at ${at}. The operator makes another one: pixdock-ops keys create.`,
    zh: ({ id, at }) => `API 密钥 ${id} 已于 ${at} 过期。请由运维人员另行创建：pixdock-ops keys create。`,
  },
  'key-revoked': {
    en: ({ id, at }: Ended) =>
      `The API key ${id} was revoked at ${at}. The operator makes another one: pixdock-ops keys create.`,
    zh: ({ id, at }) => `API 密钥 ${id} 已于 ${at} 被吊销。请由运维人员另行创建：pixdock-ops keys create。`,
  },
  'scope-missing': {
    en: ({ scope, owner, scopes }: { scope: string; owner: string; scopes: string }) =>
      `This key does not have the scope "${scope}". The operator makes a key that has it: pixdock-ops keys create --owner ${owner} --scopes ${scopes}.`,
    zh: ({ scope, owner, scopes }) =>
      `该密钥没有“${scope}”权限。请由运维人员创建有此权限的密钥：pixdock-ops keys create --owner ${owner} --scopes ${scopes}。`,
  },
});
