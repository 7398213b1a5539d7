export const metadata = { title: "App" };

export default ({ children }) => <html lang="en" suppressHydrationWarning><body>{children}</body></html>;
