import { catalog, sayIn } from '@pixdock/contract/messages/catalog';

/** Help and misuse of the command line. */
export const say = sayIn(
  catalog({
    status: {
      en: 'Tell whether the service is healthy, how long the queue is, what fails and what to do; exit 1 if it is not healthy',
      zh: '查看服务是否正常、排队情况、失败原因和处理方法；异常时退出码为 1',
    },
    'status.watch': { en: 'Repeat every 2 seconds until Ctrl-C', zh: '每 2 秒刷新一次，按 Ctrl-C 结束' },
    'status.json': { en: 'Print the status as one JSON object', zh: '以一个 JSON 对象输出状态' },
    'status.api': {
      en: 'Address of the API (default: http://HOST:PORT of the settings)',
      zh: 'API 的地址（默认：配置中的 http://HOST:PORT）',
    },
    doctor: {
      en: 'Test the bucket: put, head, read and delete one object, and explain every fault',
      zh: '检查 Bucket：写入、查询、读取并删除一个对象，说明发现的每个问题',
    },
    'doctor.json': { en: 'Print the report as one JSON object', zh: '以一个 JSON 对象输出报告' },
    failures: {
      en: 'List the failed images of all owners by error code, host and day',
      zh: '按错误码、主机和日期列出所有租户的失败图片',
    },
    'failures.owner': {
      en: 'Only of this owner, without a limit',
      zh: '只列出此租户，且不限数量',
    },
    'failures.json': { en: 'Print each group as a JSON line', zh: '每组输出一行 JSON' },
    conformance: {
      en: 'Try on the bucket what Pixdock relies on, and print where it differs from the documentation of OSS',
      zh: '在 Bucket 上逐项验证 Pixdock 依赖的行为，列出与 OSS 文档的不同之处',
    },
    'conformance.full': {
      en: 'Make the bucket if it does not exist, land pictures through the services, write a report, delete everything: `npm run real-oss`',
      zh: 'Bucket 不存在时新建，经由服务处理图片，写出报告，最后全部删除：`npm run real-oss`',
    },
    pause: {
      en: 'Let the workers begin no further image; uploads are accepted and wait',
      zh: '让 worker 不再开始处理新的图片；上传仍会接受并等待',
    },
    resume: { en: 'End a pause', zh: '结束暂停' },
    reconcile: {
      en: 'Compare records, jobs, staging and the bucket; print each difference as a JSON line',
      zh: '比对记录、任务、暂存区与 Bucket，每处不一致输出一行 JSON',
    },
    'reconcile.fix': {
      en: 'Fix what can be fixed automatically; without it nothing is changed',
      zh: '自动修复可修复的问题；不加此选项则不作任何更改',
    },
    'reconcile.before': {
      en: 'Ignore what changed during this time (default: 1h)',
      zh: '忽略在此时间内有变化的内容（默认：1h）',
    },
    'reconcile.report-example': {
      en: 'only report; exit 1 if something is found',
      zh: '只报告；发现问题时退出码为 1',
    },
    'reconcile.fix-example': { en: 'fix; exit 1 if something remains', zh: '修复；仍有问题时退出码为 1' },
    recover: {
      en: 'Restore the records of all published images from the bucket',
      zh: '从 Bucket 恢复所有已发布图片的记录',
    },
    'recover.dry-run': { en: 'Only count; nothing is changed', zh: '只统计，不作任何更改' },
    'recover.ndjson': { en: 'Print each recovered image as a JSON line', zh: '每张恢复的图片输出一行 JSON' },
    'recover.rate': {
      en: 'Maximum number of objects to read per second (default: 1000)',
      zh: '每秒最多读取的对象数（默认：1000）',
    },
    'recover.count': { en: 'count the images to recover', zh: '统计可恢复的图片' },
    'recover.again': { en: 'can be stopped and run again', zh: '可随时停止并重新运行' },
    backup: {
      en: 'Copy staging into a new folder while the services run; Redis is restored from it',
      zh: '在服务运行时将暂存区复制到新目录；Redis 可由此恢复',
    },
    restore: {
      en: 'Restore staging from a backup; stop the API and the workers first',
      zh: '从备份恢复暂存区；请先停止 API 与 worker',
    },
    'restore.next': {
      en: 'then start the API, run recover and reconcile --fix',
      zh: '随后启动 API，运行 recover 与 reconcile --fix',
    },
    keys: {
      en: 'Create, list, label and revoke API keys; the API applies a change within 5 seconds',
      zh: '创建、列出、备注和吊销 API 密钥；API 会在 5 秒内应用更改',
    },
    'keys.owner': { en: 'create: the owner of the key', zh: 'create：密钥的租户' },
    'keys.scopes': {
      en: 'create: what the key may do, from submit, read, delete, webhooks, admin (default: submit,read,delete,webhooks)',
      zh: 'create：密钥的权限，可选 submit、read、delete、webhooks、admin（默认：submit,read,delete,webhooks）',
    },
    'keys.label': {
      en: 'create, label: what tells people which key it is, for example the program that uses it',
      zh: 'create、label：密钥的备注，例如使用它的程序',
    },
    'keys.expires': {
      en: 'create: the lifetime of the key, for example 90d (default: no end)',
      zh: 'create：密钥的有效期，例如 90d（默认：不过期）',
    },
    'keys.json': { en: 'list: print each key as a JSON line', zh: 'list：每个密钥输出一行 JSON' },
    'no-command': { en: 'Which command?', zh: '请指定命令。' },
    'unknown-command': {
      en: ({ name }: { name: string }) => `Unknown command: ${name}`,
      zh: ({ name }) => `未知命令：${name}`,
    },
  }),
);
