/** Messages of `pnpm release`. */
export const RELEASE = {
  usage: () => ({
    en: 'pnpm release [FOLDER] [--dry-run] [--skip-tests]: FOLDER is dist/release unless named.',
    zh: 'pnpm release [FOLDER] [--dry-run] [--skip-tests]：FOLDER 默认为 dist/release。',
  }),
  /** @param {{ faults: string[] }} params */
  notReady: ({ faults }) => ({
    en: `The release is not ready (--dry-run makes it all the same):\n${faults.join('\n')}`,
    zh: `发布尚未就绪（--dry-run 会忽略这些问题）：\n${faults.join('\n')}`,
  }),
  testing: () => ({ en: 'Running npm test …', zh: '正在运行 npm test……' }),
  packing: () => ({
    en: 'Packing, then installing and running the packages in an empty folder …',
    zh: '正在打包，并在空目录中安装和运行这些包……',
  }),
  listing: () => ({ en: 'Writing a bill of materials for each image …', zh: '正在为每个镜像写物料清单……' }),
  /** @param {{ image: string }} params */
  building: ({ image }) => ({ en: `Building ${image} …`, zh: `正在构建 ${image}……` }),
  withoutDocker: () => ({
    en: 'No Docker runs here, so the images are not built.',
    zh: '这里没有运行 Docker，因此不构建镜像。',
  }),
  /** @param {{ folder: string, files: string[] }} params */
  made: ({ folder, files }) => ({
    en: `\nIn ${folder}:\n${files.map((file) => `  ${file}`).join('\n')}`,
    zh: `\n${folder} 中的文件：\n${files.map((file) => `  ${file}`).join('\n')}`,
  }),
  /** @param {{ steps: string[] }} params */
  remaining: ({ steps }) => ({
    en: `\nThese steps need a person:\n\n${steps.join('\n\n')}`,
    zh: `\n以下步骤需要人来完成：\n\n${steps.join('\n\n')}`,
  }),
};

/** What keeps a version from being released. */
export const FAULTS = {
  changes: () => ({
    en: 'Commit the changes of the checkout: a release is made from a commit.',
    zh: '提交代码目录中的改动：发布以一个提交为准。',
  }),
  /** @param {{ version: string }} params */
  tagged: ({ version }) => ({
    en: `Raise the version: the tag v${version} exists.`,
    zh: `提高版本号：标签 v${version} 已存在。`,
  }),
  /** @param {{ version: string, path: string, found: string }} params */
  otherVersion: ({ version, path, found }) => ({
    en: `Set the version in ${path} to ${version}: it is ${found}.`,
    zh: `把 ${path} 中的版本改为 ${version}：目前是 ${found}。`,
  }),
  /** @param {{ version: string }} params */
  noSection: ({ version }) => ({
    en: `Write a section for ${version} in CHANGELOG.md.`,
    zh: `在 CHANGELOG.md 中写 ${version} 一节。`,
  }),
  /** @param {{ version: string, title: string }} params */
  noDay: ({ version, title }) => ({
    en: `Write the day of the release in CHANGELOG.md, as "${version} (2027-01-31)": it says "${title}".`,
    zh: `在 CHANGELOG.md 中写上发布日期，例如“${version} (2027-01-31)”：目前是“${title}”。`,
  }),
  /** @param {{ version: string }} params */
  noFixture: ({ version }) => ({
    en: `Keep the data of ${version} in e2e/src/redis/fixtures/${version}, which later versions must read. CONTRIBUTING.md has the command.`,
    zh: `把 ${version} 的数据保存到 e2e/src/redis/fixtures/${version}，供后续版本测试读取。命令见 CONTRIBUTING.zh-CN.md。`,
  }),
  testsSkipped: () => ({ en: 'Run npm test: it was skipped.', zh: '运行 npm test：本次跳过了测试。' }),
  testsFailed: () => ({
    en: 'Fix what npm test reports, and make the release again.',
    zh: '修复 npm test 报告的问题，然后重新生成。',
  }),
};

/** The steps that need an account, or a decision. */
export const STEPS = {
  audit: () => ({
    en: 'Read the known vulnerabilities of what is shipped:',
    zh: '查看所发布内容的已知漏洞：',
  }),
  tag: () => ({
    en: 'Tag the commit. The workflow "release" then pushes the images and drafts the release page:',
    zh: '给提交打标签。之后工作流“release”会推送镜像并起草发布页面：',
  }),
  npm: () => ({
    en: 'Publish on npm, with an account that may publish under @pixdock:',
    zh: '用有权在 @pixdock 下发布的账号发布到 npm：',
  }),
  /** @param {{ host: string }} params */
  images: ({ host }) => ({
    en: `Push the images if no workflow did, with an account at ${host}. A builder for two platforms needs QEMU:`,
    zh: `如果工作流没有推送镜像，请用 ${host} 的账号推送。构建两个平台的镜像需要 QEMU：`,
  }),
  /** @param {{ files: string }} params */
  page: ({ files }) => ({
    en: `Publish the release page with the upgrade notes, and attach ${files}.`,
    zh: `发布带有升级说明的发布页面，并附上 ${files}。`,
  }),
};
