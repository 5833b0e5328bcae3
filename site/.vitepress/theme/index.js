import './style.css';

// Without the fonts that it brings: people have fonts of their own.
export { default } from 'vitepress/theme-without-fonts';
