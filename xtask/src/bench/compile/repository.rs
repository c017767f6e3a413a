use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Where the file of a service lies.
pub(super) fn path(index: u32) -> String {
    format!("team-{:03}/s{index}.yaml", index % 100)
}

/// Writes the repository; gives its size in bytes.
pub(super) fn generate(directory: &Path, services: u32) -> std::io::Result<u32> {
    let mesh = "apiVersion: meshwright.dev/v1\nkind: Mesh\nmetadata: {name: bench}\nspec:\n  trustDomain: bench.example\n  repository: {files: 20000}\n";
    fs::write(directory.join("mesh.yaml"), mesh)?;
    let mut bytes = u32::try_from(mesh.len()).unwrap_or(0);
    for team in 0..100 {
        fs::create_dir_all(directory.join(format!("team-{team:03}")))?;
    }
    for index in 0..services {
        let text = service(index, services);
        bytes += u32::try_from(text.len()).unwrap_or(0);
        fs::write(directory.join(path(index)), text)?;
    }
    Ok(bytes)
}

/// The file of one service.
fn service(index: u32, services: u32) -> String {
    let namespace = format!("n{:03}", index % 100);
    let mut text = format!(
        "apiVersion: meshwright.dev/v1\nkind: Service\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  ports: {{http: 8080}}\n  versions: {{v1: {{}}, v2: {{}}}}\n---\n\
         apiVersion: meshwright.dev/v1\nkind: Route\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  service: s{index}\n  rules:\n    - name: canary\n      priority: 1\n      match: [{{headers: {{canary: \"1\"}}}}]\n      to: [{{version: v2}}]\n    - name: everyone\n      match: [{{paths: [/api/**]}}]\n      to: [{{version: v1, weight: 90}}, {{version: v2, weight: 10}}]\n      timeout: 2s\n---\n\
         apiVersion: meshwright.dev/v1\nkind: Access\nmetadata: {{name: s{index}, namespace: {namespace}}}\nspec:\n  service: s{index}\n  allow:\n"
    );
    // Callers at different distances: neighbours, and a few that many call.
    for (entry, step) in [1, 7, 31, 127, 1021].iter().enumerate() {
        let caller = (index + step) % services;
        let _ = write!(
            text,
            "    - name: caller-{entry}\n      from: [{{service: s{caller}.n{:03}}}]\n      match: [{{methods: [GET, POST], paths: [/api/v{entry}/*, /api/items/*/part-{entry}]}}]\n",
            caller % 100
        );
    }
    text
}
