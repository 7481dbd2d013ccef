# SPDX-License-Identifier: MIT
# Nix: nix-build packaging.  nix-instantiate has parsed it, on Debian, and no Nix
# has built it.
{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "wos";
  version = "0.2.0";
  src = pkgs.lib.cleanSource ../.;

  nativeBuildInputs = [ pkgs.pkg-config ];
  buildInputs = [ pkgs.bash pkgs.curl pkgs.jq pkgs.postgresql pkgs.sqlite ];

  # wos-apply loads libpq when a server is named.
  makeFlags = [
    "PREFIX=$(out)"
    "LIBPQ_FILE=${pkgs.lib.getLib pkgs.postgresql}/lib/libpq.so.5"
  ];

  meta = {
    description = "WorkOS data in your own SQL database";
    license = pkgs.lib.licenses.mit;
    platforms = pkgs.lib.platforms.unix;
  };
}
