import type { Program } from '@pixdock/contract/command-line/program';

/** The command line of `pixdock-ops`. */
export const ops = {
  name: 'pixdock-ops',
  related: {
    pixdock: [
      'cancel',
      'config',
      'delete',
      'import',
      'list',
      'listen',
      'report',
      'retry',
      'upload',
      'webhooks',
    ],
  },
  alone: {},
  options: {},
  commands: {
    status: {
      en: 'Tell whether the service is healthy, how long the queue is, what fails and what to do; exit 1 if it is not healthy',
      zh: '查看服务是否正常、排队情况、失败原因和处理方法；异常时退出码为 1',
      options: {
        '--watch': { en: 'Repeat every 2 seconds until Ctrl-C', zh: '每 2 秒刷新一次，按 Ctrl-C 结束' },
        '--json': { en: 'Print the status as one JSON object', zh: '以一个 JSON 对象输出状态' },
        '--api <url>': {
          en: 'Address of the API (default: http://HOST:PORT of the settings)',
          zh: 'API 的地址（默认：配置中的 http://HOST:PORT）',
        },
      },
      examples: ['pixdock-ops status --watch --api http://127.0.0.1:3000'],
    },
    doctor: {
      en: 'Compare staging with Redis, put, head, read and delete one object, and explain every fault',
      zh: '核对暂存区与 Redis；写入、查询、读取并删除一个对象；说明发现的每个问题',
      options: {
        '--json': { en: 'Print the report as one JSON object', zh: '以一个 JSON 对象输出报告' },
      },
      examples: ['pixdock-ops doctor --json'],
    },
    failures: {
      en: 'List the failed images of all owners by error code, host and day',
      zh: '按错误码、主机和日期列出所有租户的失败图片',
      options: {
        '--owner <name>': { en: 'Only of this owner, without a limit', zh: '只列出此租户，且不限数量' },
        '--json': { en: 'Print each group as a JSON line', zh: '每组输出一行 JSON' },
      },
      examples: ['pixdock-ops failures --owner acme'],
    },
    conformance: {
      en: 'Try on the bucket what Pixdock relies on, and print where it differs from the documentation of OSS',
      zh: '在 Bucket 上逐项验证 Pixdock 依赖的行为，列出与 OSS 文档的不同之处',
      options: {
        '--full': {
          en: 'Make the bucket if it does not exist, land pictures through the services, write a report, delete everything: `npm run real-oss`',
          zh: 'Bucket 不存在时新建，经由服务处理图片，写出报告，最后全部删除：`npm run real-oss`',
        },
      },
      examples: ['pixdock-ops conformance'],
    },
    pause: {
      en: 'Let the workers begin no further image; uploads are accepted and wait',
      zh: '让 worker 不再开始处理新的图片；上传仍会接受并等待',
      examples: ['pixdock-ops pause'],
    },
    resume: {
      en: 'End a pause',
      zh: '结束暂停',
      examples: ['pixdock-ops resume'],
    },
    adopt: {
      en: 'Let Redis belong to the folder in DATA_DIR, after it was moved or replaced; services with another folder refuse to start',
      zh: '让 Redis 归属 DATA_DIR 指向的目录（目录迁移或更换之后）；使用其他目录的服务会拒绝启动',
      examples: ['pixdock-ops adopt'],
    },
    reconcile: {
      en: 'Compare records, jobs, staging and the bucket; print each difference as a JSON line',
      zh: '比对记录、任务、暂存区与 Bucket，每处不一致输出一行 JSON',
      options: {
        '--fix': {
          en: 'Fix what can be fixed automatically; without it nothing is changed',
          zh: '自动修复可修复的问题；不加此选项则不作任何更改',
        },
        '--before <duration>': {
          en: 'Ignore what changed during this time (default: 1h)',
          zh: '忽略在此时间内有变化的内容（默认：1h）',
        },
      },
      examples: [
        {
          en: 'pixdock-ops reconcile                      # only report, change nothing; exit 1 if something is found',
          zh: 'pixdock-ops reconcile                      # 只报告，不作更改；发现问题时退出码为 1',
        },
        {
          en: 'pixdock-ops reconcile --fix                # fix; exit 1 if something remains',
          zh: 'pixdock-ops reconcile --fix                # 修复；仍有问题时退出码为 1',
        },
        'pixdock-ops reconcile --before 1d | jq -r .kind | sort | uniq -c',
      ],
    },
    recover: {
      en: 'Restore the records of all published images from the bucket',
      zh: '从 Bucket 恢复所有已发布图片的记录',
      options: {
        '--dry-run': { en: 'Only count; nothing is changed', zh: '只统计，不作任何更改' },
        '--ndjson': { en: 'Print each recovered image as a JSON line', zh: '每张恢复的图片输出一行 JSON' },
        '--rate <number>': {
          en: 'Maximum number of objects to read per second (default: 1000)',
          zh: '每秒最多读取的对象数（默认：1000）',
        },
      },
      examples: [
        {
          en: 'pixdock-ops recover --dry-run              # count the images to recover',
          zh: 'pixdock-ops recover --dry-run              # 统计可恢复的图片',
        },
        {
          en: 'pixdock-ops recover --ndjson > back.ndjson # can be stopped and run again',
          zh: 'pixdock-ops recover --ndjson > back.ndjson # 可随时停止并重新运行',
        },
      ],
    },
    'backup <folder>': {
      en: 'Copy staging into a new folder while the services run; Redis is restored from it',
      zh: '在服务运行时将暂存区复制到新目录；Redis 可由此恢复',
      examples: ['pixdock-ops backup /backups/$(date +%F)'],
    },
    'restore <folder>': {
      en: 'Restore staging from a backup; stop the API and the workers first',
      zh: '从备份恢复暂存区；请先停止 API 与 worker',
      examples: [
        {
          en: 'pixdock-ops restore /backups/2027-01-31   # then start the API, run recover and reconcile --fix',
          zh: 'pixdock-ops restore /backups/2027-01-31   # 随后启动 API，运行 recover 与 reconcile --fix',
        },
      ],
    },
    'move-staging': {
      en: 'Copy staging from the folder in DATA_DIR into the bucket of STAGING_URL, or back; stop the API and the workers first',
      zh: '将暂存区从 DATA_DIR 中的目录复制到 STAGING_URL 指定的 Bucket，或复制回来；请先停止 API 与 worker',
      options: {
        '--to <target>': {
          en: 'Where to: bucket or folder',
          zh: '复制到哪里：bucket（Bucket）或 folder（目录）',
        },
      },
      examples: [
        {
          en: 'pixdock-ops move-staging --to bucket       # can be stopped and run again',
          zh: 'pixdock-ops move-staging --to bucket       # 可随时停止并重新运行',
        },
      ],
    },
    'keys <action> [id]': {
      en: 'Create, list, label and revoke API keys; the API applies a change within 5 seconds',
      zh: '创建、列出、备注和吊销 API 密钥；API 会在 5 秒内应用更改',
      options: {
        '--owner <name>': { en: 'create: the owner of the key', zh: 'create：密钥的租户' },
        '--scopes <list>': {
          en: 'create: what the key may do, from submit, read, delete, webhooks, admin (default: submit,read,delete,webhooks)',
          zh: 'create：密钥的权限，可选 submit、read、delete、webhooks、admin（默认：submit,read,delete,webhooks）',
        },
        '--label <text>': {
          en: 'create, label: what tells people which key it is, for example the program that uses it',
          zh: 'create、label：密钥的备注，例如使用它的程序',
        },
        '--expires <duration>': {
          en: 'create: the lifetime of the key, for example 90d (default: no end)',
          zh: 'create：密钥的有效期，例如 90d（默认：不过期）',
        },
        '--json': { en: 'list: print each key as a JSON line', zh: 'list：每个密钥输出一行 JSON' },
      },
      examples: [
        'pixdock-ops keys create --owner acme --scopes submit,read --label checkout --expires 90d',
        'pixdock-ops keys list',
        'pixdock-ops keys revoke key_0123456789ab',
      ],
    },
  },
} satisfies Program;
