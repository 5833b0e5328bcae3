/**
 * The page for a browser whose request was refused because the shop is at its limit. It is complete in itself: no view is
 * rendered for it, and it needs no style sheet.
 */
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
<p>The shop has more visitors than it can serve right now, and did nothing with your request. Reload this page in a moment. If you
were buying, reloading is safe: you will not buy twice.</p>
</main>
</body>
</html>
`;
