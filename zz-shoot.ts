import { readdirSync } from 'node:fs';
import { launchBrowser } from './test/support/browser.ts';
const b=await launchBrowser();
for (const [mode,opts] of Object.entries({desktop:{viewport:{width:1100,height:800}},phone:{viewport:{width:360,height:740},deviceScaleFactor:2},dark:{viewport:{width:900,height:800},colorScheme:'dark' as const}})) {
  const ctx=await b.newContext(opts); const p=await ctx.newPage();
  for (const f of readdirSync('/tmp/gh-probe/html')) {
    await p.goto(`file:///tmp/gh-probe/html/${f}`);
    const over=await p.evaluate('document.documentElement.scrollWidth-innerWidth'); 
    await p.screenshot({path:`/tmp/gh-probe/shots/${f.replace('.html','')}-${mode}.png`,fullPage:true}); console.log(f,mode,over);
  }
  await ctx.close();
}
await b.close();
