/** A listener that hands a form's fields over as texts, and keeps it from being sent twice at once. */
export function answer(take: (fields: Readonly<Record<string, string>>) => Promise<void>) {
  return async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const submit = form.querySelector<HTMLButtonElement>("button[type=submit]");
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    if (submit) submit.disabled = true;
    try {
      await take(fields);
    } finally {
      if (submit) submit.disabled = false;
    }
  };
}

const AUTHOR = "tidemark-author";

/** Who the visitor said to be the last time. */
export function knownAuthor(): string {
  return localStorage.getItem(AUTHOR) ?? "";
}

export function rememberAuthor(author: string): void {
  localStorage.setItem(AUTHOR, author);
}
