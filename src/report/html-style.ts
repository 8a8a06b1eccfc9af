/** How the HTML report looks: light and dark as the reader's system is, on paper and on a phone. */
export const STYLE = `
:root{color-scheme:light dark;--fg:#1d2127;--dim:#5b6470;--bg:#fff;--panel:#f5f6f8;--line:#d5d9df;--error:#b3261e;--warning:#8a5a00;--info:#0b62a8;--good:#1b6e3c;--mark:#ffd9d6}
@media (prefers-color-scheme:dark){:root{--fg:#e4e7eb;--dim:#9aa4b1;--bg:#15181c;--panel:#1e2228;--line:#39404a;--error:#ff8a80;--warning:#f2bd5c;--info:#7cc0ff;--good:#7bd49a;--mark:#6b2420}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.4rem 0}ul{padding-left:1.2rem}
code,pre,.mono{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.87em}
pre{background:var(--panel);padding:.6rem;overflow-x:auto;margin:.5rem 0}
pre mark{background:var(--mark);color:inherit;font-weight:700}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}td:last-child{min-width:14rem}
.scroll{overflow-x:auto}.whole{white-space:nowrap}
a{color:inherit;text-decoration-color:var(--dim)}:target{background:var(--mark)}
.verdict{font-weight:700}.violations,.error,.broken{color:var(--error)}.inconclusive,.warning{color:var(--warning)}.conformant,.kept{color:var(--good)}.info,.noted{color:var(--info)}.dim{color:var(--dim)}
article{border-left:4px solid var(--line);padding:.1rem 0 .1rem .8rem;margin:1rem 0;break-inside:avoid}
article.error{border-color:var(--error);color:inherit}article.warning{border-color:var(--warning);color:inherit}article.info{border-color:var(--info);color:inherit}article.induced{border-left-style:dashed}
dl{display:grid;grid-template-columns:6rem 1fr;gap:.1rem .6rem;margin:.4rem 0}dt{color:var(--dim)}dd{margin:0}
svg{max-width:100%;height:auto;background:var(--panel)}svg text{fill:var(--fg);font:12px system-ui,sans-serif}svg .dim{fill:var(--dim)}
svg .box{fill:var(--bg);stroke:var(--dim)}svg .seen{stroke:var(--good);stroke-width:2}svg .final{stroke-dasharray:4 3}
svg path,svg line{fill:none;stroke:var(--dim)}svg path.tip{fill:var(--dim);stroke:none}svg circle{fill:var(--bg);stroke:var(--dim)}
svg line.error{stroke:var(--error);stroke-width:2}svg line.warning{stroke:var(--warning);stroke-width:2}svg line.info{stroke:var(--info)}svg text.error{fill:var(--error)}svg text.warning{fill:var(--warning)}svg text.info{fill:var(--info)}
ol.steps{columns:2 18rem;column-gap:3rem;padding-left:2rem;font-size:.9em}
@media (max-width:40rem){body{padding:.6rem}dl{grid-template-columns:1fr}dt{margin-top:.3rem}}
details{margin:.5rem 0}summary{cursor:pointer}
@media print{:root{--fg:#000;--dim:#444;--bg:#fff;--panel:#fff;--line:#999}body{max-width:none;font-size:10pt}pre{white-space:pre-wrap;border:1px solid var(--line)}h2{break-after:avoid}.scroll{overflow:visible}tr{break-inside:avoid}}
`;
