// Without the fonts that it brings: people have fonts of their own.
import theme from 'vitepress/theme-without-fonts';
import './style.css';

export default theme;
