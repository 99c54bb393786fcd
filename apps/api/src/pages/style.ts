/** The style of the pages beside `/docs`. */
export const PAGE_STYLE = `:root { color-scheme: light dark; }
body { font: 1rem/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2rem 1rem; }
main { max-width: 62rem; margin: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid #8885; }
tbody th { font-weight: normal; white-space: nowrap; }
code { font: 0.95em ui-monospace, monospace; }
`;
