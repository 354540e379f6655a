"""The live page: a market played, rewound, changed and saved."""
