# SPDX-License-Identifier: MIT
# Homebrew.  Ruby has read it, and a stand-in for Homebrew has run its install and
# its test on Debian; no brew has.  The archive is that of `make dist`, from
# wherever you keep it: put its address and its sum here.
class Wos < Formula
  desc "WorkOS data in your own SQL database"
  homepage "https://workos.com/docs/events"
  url "https://example.com/wos-0.2.0.tar.gz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on "jq"
  depends_on "libpq"

  uses_from_macos "curl"
  uses_from_macos "sqlite"

  def install
    system "make", "install", "PREFIX=#{prefix}", "MANDIR=#{man}"
    # There is no systemd.
    rm_r prefix/"lib"
  end

  service do
    run [opt_bin/"wos-sync", "--resume", "--margin", "5m", var/"wos/app.db",
         "--api-key-file", etc/"wos/workos.key"]
    run_type :interval
    interval 300
    error_log_path var/"log/wos.log"
  end

  test do
    system bin/"wos-apply", "app.db", in: File::NULL
    assert_match version.to_s, shell_output("#{bin}/wos-sync --version")
  end
end
