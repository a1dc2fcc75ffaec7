import { createHash } from "node:crypto";
import { Content } from "../answer/content.ts";
import { policy } from "../answer/headers.ts";

const STYLE = `
:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{display:grid;place-content:center;min-height:90vh;margin:1rem}
form{display:grid;gap:.75rem;max-width:22rem}
input,button{font:inherit;padding:.5rem}
`;

// A session that a link from another site does not send (SameSite=Strict) is found by asking from here.
const SCRIPT = `
const out=document.querySelector("output");
const go=()=>location.replace(location.pathname+location.search);
async function enter(token){
  out.textContent="Signing in…";
  const answer=await fetch("/api/session",{method:"POST",headers:{"content-type":"application/json"},body:JSON.stringify({token})}).catch(()=>null);
  if(answer?.ok)return go();
  const said=await answer?.json().catch(()=>null);
  out.textContent=said?.error??"The watchdog does not answer.";
}
document.querySelector("form").addEventListener("submit",event=>{
  event.preventDefault();
  enter(new FormData(event.target).get("token"));
});
const token=new URLSearchParams(location.hash.slice(1)).get("token");
if(token){history.replaceState(null,"",location.pathname);enter(token)}
else fetch("/api/session").then(answer=>answer.json()).then(({signedIn})=>{if(signedIn)go()}).catch(()=>{});
`;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidemark: sign in</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<form>
<h1>Tidemark</h1>
<label for="token">Token (WATCHDOG_TOKEN)</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>Sign in</button>
<output aria-live="polite"></output>
</form>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** What a person sees who must sign in first. */
export const loginPage = new Content(new TextEncoder().encode(HTML), "text/html; charset=utf-8");

/** The page's script and style stand in it, and may run by their hashes alone. */
export const LOGIN_POLICY = policy(`'sha256-${sha256(SCRIPT)}'`, `'sha256-${sha256(STYLE)}'`);

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
