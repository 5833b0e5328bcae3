/** What a browser sees when the shop refuses a request because it is busy: whole in itself, because no view is rendered then. */
export const busyPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The shop is busy – Unity</title>
</head>
<body>
<main>
<h1>The shop is busy</h1>
<p>There are more visitors than it can serve just now. Nothing was done with what you sent: reload this page in a moment. If you
were buying, that is safe: the same form never buys twice.</p>
</main>
</body>
</html>
`;
